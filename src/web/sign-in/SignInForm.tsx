import { Alert, Anchor, Button, PasswordInput, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignInBody } from '@/server/sign-in/session';
import { companyIsUnknown } from '../hooks/page/address';
import { Failure } from '../hooks/request/failures';
import { useSignIn } from '../hooks/session/session';
import { PasskeyButton } from './PasskeyButton';

interface Properties {
  /** Email of the user to sign in again after the session has expired. */
  email?: string;
  /** Operators belong to no tenant: they are not asked for one. */
  forOperators?: boolean;
  onSignedIn?: () => void;
}

/** Sign-in form: email and password, the tenant if the URL does not name it, and a code if the account requires one. */
export function SignInForm({ email = '', forOperators = false, onSignedIn }: Properties) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const [needsCode, setNeedsCode] = useState(false);
  const [lostPhone, setLostPhone] = useState(false);
  const form = useForm<SignInBody>({
    mode: 'uncontrolled',
    initialValues: { email, password: '', tenant: '', code: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : t('signIn.emailNeeded')),
      password: (value) => (value ? null : t('signIn.passwordNeeded')),
    },
  });

  const submit = form.onSubmit(({ tenant, code, ...rest }) => {
    const credentials = { ...rest, ...(tenant ? { tenant } : {}), ...(code ? { code } : {}) };
    signIn.mutate(credentials, {
      onSuccess: () => onSignedIn?.(),
      onError: (error) => {
        if (error instanceof Failure && error.code === 'second_factor_required') setNeedsCode(true);
      },
    });
  });
  const { error } = signIn;
  const refusal = error instanceof Failure && error.code !== 'second_factor_required' ? error : null;

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {refusal && (
          <Alert color="red" role="alert">
            {t([`signIn.failures.${refusal.code}`, 'signIn.failures.other'], {
              message: refusal.message,
            })}
          </Alert>
        )}
        {companyIsUnknown && !forOperators && (
          <TextInput
            label={t('signIn.company')}
            description={t('signIn.companyHint')}
            autoCapitalize="none"
            key={form.key('tenant')}
            {...form.getInputProps('tenant')}
          />
        )}
        <TextInput
          label={t('signIn.email')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('signIn.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          key={form.key('password')}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          {...form.getInputProps('password')}
        />
        {needsCode && lostPhone && (
          <TextInput
            label={t('signIn.recoveryCode')}
            autoCapitalize="none"
            autoComplete="off"
            data-autofocus
            onChange={(event) => form.setFieldValue('code', event.target.value)}
          />
        )}
        {needsCode && !lostPhone && (
          <div>
            <Text size="sm" fw={500} mb={6}>
              {t('signIn.code')}
            </Text>
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              aria-label={t('signIn.code')}
              onChange={(code) => form.setFieldValue('code', code)}
            />
            <Anchor component="button" type="button" size="sm" mt={6} onClick={() => setLostPhone(true)}>
              {t('signIn.lostPhone')}
            </Anchor>
          </div>
        )}
        <Button type="submit" size="md" loading={signIn.isPending} mt="xs">
          {t('signIn.submit')}
        </Button>
        <PasskeyButton company={() => form.getValues().tenant ?? ''} {...(onSignedIn && { onSignedIn })} />
      </Stack>
    </form>
  );
}
