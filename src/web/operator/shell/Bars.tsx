import { Alert, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { LifeBuoy, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConsoleFormat } from '../format';
import { useNow } from '../parts/Ago';
import { useSelf } from '../queries';
import { shownAsOf, useLiveState } from './use-live-subjects';

/** A short interruption of the stream is not shown. */
const PATIENCE_MS = 4_000;

/** Shown on every screen: that the event stream is lost, and whose data the operator can see at the moment. */
export function Bars() {
  return (
    <>
      <Lost />
      <Support />
    </>
  );
}

function Lost() {
  const isLost = useLiveState().state === 'lost';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isLost) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  return isShown && <AsOf />;
}

function AsOf() {
  const { t } = useTranslation();
  const { clock } = useConsoleFormat();
  const client = useQueryClient();
  // Data are still refreshed if the server answers without the stream.
  useNow();
  return (
    <Alert color="yellow" icon={<WifiOff size={18} />} mb="md" role="status">
      {t('console.lost', { time: clock(shownAsOf(client)) })}
    </Alert>
  );
}

function Support() {
  const { t } = useTranslation();
  const { moment } = useConsoleFormat();
  const { data } = useSelf();
  // The expiry of a support access is not announced.
  const now = useNow();
  const open = data?.support.filter(({ until }) => Date.parse(until) > now);
  return open?.map(({ id, tenant, until }) => (
    <Alert key={id} color="orange" icon={<LifeBuoy size={18} />} mb="md" role="status">
      <Group justify="space-between">
        <Text size="sm">{t('console.support', { tenant, until: moment(until) })}</Text>
      </Group>
    </Alert>
  ));
}
