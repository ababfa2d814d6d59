import { Compass, LockKeyhole } from 'lucide-react';
import { useTranslation } from 'react-i18next';
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

/** A screen that is not for this role. */
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

/** A screen that broke; the rest of the application goes on. */
export function RouteFailed({ error, reset }: { error: unknown; reset: () => void }) {
  return <Failed error={error} retry={reset} />;
}
