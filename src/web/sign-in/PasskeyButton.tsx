import { Button } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { hasPasskeys, usePasskeySignIn } from '../hooks/session/passkeys';

/** Signs in with a passkey of this device. @param company where the address does not name it */
export function PasskeyButton({ company, onSignedIn }: { company: () => string; onSignedIn?: () => void }) {
  const { t } = useTranslation();
  const signIn = usePasskeySignIn();
  if (!hasPasskeys) return null;
  return (
    <Button
      variant="default"
      size="md"
      fullWidth
      leftSection={<KeyRound size={18} />}
      loading={signIn.isPending}
      onClick={() => signIn.mutate(company(), { onSuccess: () => onSignedIn?.() })}
    >
      {t('signIn.passkey')}
    </Button>
  );
}
