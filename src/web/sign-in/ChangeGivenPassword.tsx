import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../hooks/account';
import { ChoosePasswordForm } from './ChoosePasswordForm';
import { SessionFrame } from './SessionFrame';

/** Somebody else chose the password: nothing is shown before another one is chosen. */
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
