import { Compass, LockKeyhole } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../hooks/request/failures';
import { LinkTo } from './LinkTo';
import { EmptyState, Failed } from './Panel';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={Compass}
      title={t('notFound.title')}
      text={t('notFound.text')}
      action={<LinkTo to="/">{t('notFound.home')}</LinkTo>}
    />
  );
}

/** Shown when the user's role may not open the screen. */
export function NotAllowed() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={LockKeyhole}
      title={t('failure.42501')}
      action={<LinkTo to="/">{t('notFound.home')}</LinkTo>}
    />
  );
}

/** Error boundary of a screen: the rest of the application keeps working. */
export function RouteFailed({ error, reset }: { error: unknown; reset: () => void }) {
  // A screen whose code was not loaded yet, without a connection. Only a new page imports it again.
  if (/dynamically imported module|module script/i.test(String(error))) {
    const offline = new Failure('offline', 'The code of this screen could not be loaded.');
    return <Failed error={offline} retry={() => window.location.reload()} />;
  }
  return <Failed error={error} retry={reset} />;
}
