import { Alert, Divider } from '@mantine/core';
import { defaultParseSearch, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ScreenSearch, useScreenSearch } from '../hooks/page/screen-search';
import { useSignInWays } from '../hooks/session/single-sign-on';
import { LinkTo } from '../ui/LinkTo';
import { CodeForm } from './CodeForm';
import { SessionFrame } from './SessionFrame';
import { SignInForm } from './SignInForm';
import { SingleSignOnButton } from './SingleSignOnButton';

/** Also where single sign-on leads: with the reason why it failed, or to the code of the second factor. */
export function SignInScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { from, failed, as } = useScreenSearch();
  const { data: ways } = useSignInWays();
  const target = from?.startsWith('/') ? from : '/';
  const goBack = () => {
    const [path = '', query = ''] = target.split(/\?(.*)/);
    void navigate({ to: path, search: defaultParseSearch(query) as ScreenSearch, replace: true });
  };
  if (as === 'code') {
    return (
      <SessionFrame title={t('signIn.title')} text={t('singleSignOn.codeText')}>
        <CodeForm onSignedIn={goBack} />
        <LinkTo to="/sign-in" size="sm">
          {t('signIn.backToSignIn')}
        </LinkTo>
      </SessionFrame>
    );
  }
  return (
    <SessionFrame title={t('signIn.title')} text={t('signIn.subtitle')}>
      {failed && (
        <Alert color="red" role="alert">
          {t([`singleSignOn.failures.${failed}`, 'singleSignOn.failures.single_sign_on_failed'])}
        </Alert>
      )}
      <SingleSignOnButton from={target} />
      {ways?.singleSignOn && <Divider label={t('singleSignOn.or')} />}
      <SignInForm onSignedIn={goBack} />
      <LinkTo to="/forgotten-password" size="sm">
        {t('signIn.forgotten.link')}
      </LinkTo>
    </SessionFrame>
  );
}
