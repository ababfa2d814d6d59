import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useBeginSupport } from '../hooks/session/support-access';
import { FormError } from '../ui/FormError';
import { SessionFrame } from './SessionFrame';
import { useLinkToken } from './use-link-token';

/** Opened by an operator with the link of an access that the company has allowed. */
export function SupportScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const token = useLinkToken();
  const begin = useBeginSupport();
  return (
    <SessionFrame title={t('supportAccess.begin.title')} text={t('supportAccess.begin.text')}>
      <FormError error={begin.error} />
      <Button
        disabled={!token}
        loading={begin.isPending}
        onClick={() => begin.mutate(token, { onSuccess: () => void navigate({ to: '/', replace: true }) })}
      >
        {t('supportAccess.begin.submit')}
      </Button>
    </SessionFrame>
  );
}
