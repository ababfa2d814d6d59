import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShowCode } from '../hooks/session/single-sign-on';
import { explain } from '../ui/notify';

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
        {show.error && (
          <Alert color="red" role="alert">
            {explain(show.error)}
          </Alert>
        )}
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
