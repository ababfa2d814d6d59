import { Button } from '@mantine/core';
import { Building2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { signOnAddress, useSignInWays } from '../hooks/session/single-sign-on';

/** Link to the company's identity provider, if it has one. @param from the page to return to */
export function SingleSignOnButton({ from }: { from: string }) {
  const { t } = useTranslation();
  const { data } = useSignInWays();
  if (!data?.singleSignOn) return null;
  const { label, required } = data.singleSignOn;
  return (
    <Button
      component="a"
      href={signOnAddress(from)}
      variant={required ? 'filled' : 'default'}
      size="md"
      fullWidth
      leftSection={<Building2 size={18} />}
    >
      {t('singleSignOn.button', { label })}
    </Button>
  );
}
