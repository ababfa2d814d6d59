import { defaultParseSearch, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ScreenSearch } from '../router';
import { LinkTo } from '../ui/LinkTo';
import { SessionFrame } from './SessionFrame';
import { SignInForm } from './SignInForm';

export function SignInScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { from } = useSearch({ strict: false });
  const goBack = () => {
    const [path = '', query = ''] = from?.startsWith('/') ? from.split(/\?(.*)/) : ['/'];
    void navigate({ to: path, search: defaultParseSearch(query) as ScreenSearch, replace: true });
  };
  return (
    <SessionFrame title={t('signIn.title')} text={t('signIn.subtitle')}>
      <SignInForm onSignedIn={goBack} />
      <LinkTo to="/forgotten-password" size="sm">
        {t('signIn.forgotten.link')}
      </LinkTo>
    </SessionFrame>
  );
}
