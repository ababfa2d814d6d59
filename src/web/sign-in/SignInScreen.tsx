import { defaultParseSearch, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ScreenSearch, useScreenSearch } from '../hooks/screen-search';
import { LinkTo } from '../ui/LinkTo';
import { SessionFrame } from './SessionFrame';
import { SignInForm } from './SignInForm';

export function SignInScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { from } = useScreenSearch();
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
