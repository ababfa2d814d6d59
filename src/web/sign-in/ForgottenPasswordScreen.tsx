import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { companyIsUnknown } from '../hooks/page/address';
import { useForgottenPassword } from '../hooks/session/session';
import { FormError } from '../ui/FormError';
import { LinkTo } from '../ui/LinkTo';
import { SessionFrame } from './SessionFrame';

/** Requests a password reset mail. */
export function ForgottenPasswordScreen() {
  const { t } = useTranslation();
  const ask = useForgottenPassword();
  const form = useForm({
    initialValues: { email: '', tenant: '' },
    validate: { email: (value) => (value.includes('@') ? null : t('signIn.emailNeeded')) },
  });
  const submit = form.onSubmit(({ email, tenant }) => ask.mutate({ email, ...(tenant ? { tenant } : {}) }));
  return (
    <SessionFrame title={t('signIn.forgotten.title')} text={t('signIn.forgotten.text')}>
      {ask.isSuccess ? (
        <Alert color="green" role="status">
          {t('signIn.forgotten.sent')}
        </Alert>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <FormError error={ask.error} />
            {companyIsUnknown && (
              <TextInput
                label={t('signIn.company')}
                description={t('signIn.companyHint')}
                autoCapitalize="none"
                {...form.getInputProps('tenant')}
              />
            )}
            <TextInput
              label={t('signIn.email')}
              type="email"
              autoComplete="username"
              size="md"
              data-autofocus
              {...form.getInputProps('email')}
            />
            <Button type="submit" size="md" loading={ask.isPending}>
              {t('signIn.forgotten.submit')}
            </Button>
          </Stack>
        </form>
      )}
      <LinkTo to="/sign-in" size="sm">
        {t('signIn.backToSignIn')}
      </LinkTo>
    </SessionFrame>
  );
}
