import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { SessionFrame } from '../../sign-in/SessionFrame';
import { SignInForm } from '../../sign-in/SignInForm';

/** Sign-in of operators. They belong to no tenant. */
export function SignInScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { from } = useScreenSearch();
  const target = from?.startsWith('/') && !from.startsWith('//') ? from : '/';
  return (
    <SessionFrame title={t('console.signIn.title')} text={t('console.signIn.text')}>
      <SignInForm
        forOperators
        onSignedIn={() => void navigate({ href: `/operator${target}`, replace: true })}
      />
    </SessionFrame>
  );
}
