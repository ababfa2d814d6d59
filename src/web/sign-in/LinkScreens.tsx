import { Alert } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAcceptInvitation, useResetPassword } from '../hooks/session/session';
import { LinkTo } from '../ui/LinkTo';
import { ChoosePasswordForm } from './ChoosePasswordForm';
import { SessionFrame } from './SessionFrame';
import { useLinkToken } from './use-link-token';

/** Opened from a password reset mail. */
export function ResetPasswordScreen() {
  const { t } = useTranslation();
  const token = useLinkToken();
  const reset = useResetPassword();
  return (
    <SessionFrame title={t('signIn.choose.title')} text={t('signIn.choose.text')}>
      {reset.isSuccess ? (
        <Alert color="green" role="status">
          {t('signIn.choose.done')}
        </Alert>
      ) : (
        <ChoosePasswordForm
          submitLabel={t('signIn.choose.submit')}
          isPending={reset.isPending}
          error={reset.error}
          onChosen={({ password }) => reset.mutate({ token, password })}
        />
      )}
      <LinkTo to="/sign-in" size="sm">
        {t('signIn.backToSignIn')}
      </LinkTo>
    </SessionFrame>
  );
}

/** Opened from an invitation. */
export function AcceptInvitationScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const token = useLinkToken();
  const accept = useAcceptInvitation();
  return (
    <SessionFrame title={t('signIn.invitation.title')} text={t('signIn.invitation.text')}>
      <ChoosePasswordForm
        submitLabel={t('signIn.invitation.submit')}
        isPending={accept.isPending}
        error={accept.error}
        onChosen={({ password }) =>
          accept.mutate({ token, password }, { onSuccess: () => void navigate({ to: '/', replace: true }) })
        }
      />
    </SessionFrame>
  );
}
