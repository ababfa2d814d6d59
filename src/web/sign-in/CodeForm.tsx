import { Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShowCode } from '../hooks/session/single-sign-on';
import { FormError } from '../ui/FormError';

/** After single sign-on: the code of the account's own second factor. */
export function CodeForm({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const show = useShowCode();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        show.mutate(code, { onSuccess: onSignedIn });
      }}
    >
      <Stack>
        <FormError error={show.error} />
        <TextInput
          label={t('proof.code')}
          autoComplete="one-time-code"
          autoCapitalize="none"
          size="md"
          maxLength={20}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          data-autofocus
        />
        <Button type="submit" size="md" disabled={!code} loading={show.isPending}>
          {t('signIn.submit')}
        </Button>
      </Stack>
    </form>
  );
}
