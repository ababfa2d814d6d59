import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../hooks/session/account';
import { ChoosePasswordForm } from './ChoosePasswordForm';
import { SessionFrame } from './SessionFrame';

/** Forces the user to replace a password that was set by someone else. */
export function ChangeGivenPassword() {
  const { t } = useTranslation();
  const change = useChangePassword();
  return (
    <SessionFrame title={t('signIn.choose.title')} text={t('signIn.choose.given')}>
      <ChoosePasswordForm
        submitLabel={t('signIn.choose.submit')}
        asksCurrent
        isPending={change.isPending}
        error={change.error}
        onChosen={(passwords) => change.mutate(passwords)}
      />
    </SessionFrame>
  );
}
