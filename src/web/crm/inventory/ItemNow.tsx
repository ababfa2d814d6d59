import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { serverAddress } from '../../hooks/page/address';
import { LinkTo } from '../../ui/LinkTo';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { HandoverButton } from './HandoverButton';
import { findItem } from './handover';
import classes from './Inventory.module.css';

/** An item's current location and next step, with large buttons for phones. */
export function ItemNow({ table, id }: { table: 'booths' | 'equipment_items'; id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['records', table, 'now', id, 'booth_assignments', 'equipment_assignments'],
    queryFn: () => findItem({ table, id }, format.today),
    refetchInterval: 30_000,
  });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  const handover = data?.handover;
  const isOut = handover?.status === 'checked_out';
  return (
    <Panel title={t('inventory.now')}>
      {isPending ? (
        <Lines count={2} />
      ) : (
        <Group justify="space-between">
          <div>
            <Group gap="xs">
              <StatusBadge value={isOut ? 'checked_out' : data?.status} size="lg" />
              {isOut && (
                <Text size="sm" c="dimmed">
                  {t('inventory.since', { at: format.moment(handover.checked_out_at) })}
                </Text>
              )}
            </Group>
            <Text mt={6}>
              {handover ? (
                <>
                  {isOut ? t('scan.isOut') : t('scan.goesOut')}: {format.day(handover.date?.event_date)} ·{' '}
                  <LinkTo to={`/events/${handover.event?.id}`} inherit underline="always">
                    {handover.event?.title}
                  </LinkTo>
                </>
              ) : (
                t('scan.nothingPlanned')
              )}
            </Text>
          </div>
          {handover && <HandoverButton handover={handover} size="md" />}
        </Group>
      )}
    </Panel>
  );
}

/** The QR code of an item's label. */
export function ItemCode({ of, id }: { of: 'booths' | 'equipment'; id: string }) {
  const { t } = useTranslation();
  const address = serverAddress(`/inventory/${of}/${id}`);
  const { data } = useQuery({
    queryKey: ['code', address],
    queryFn: async () => (await import('qr')).default(address, 'raw', { border: 2 }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title={t('labels.code')}>
      {data && (
        <svg
          className={classes.code}
          viewBox={`0 0 ${data.length} ${data.length}`}
          role="img"
          aria-label={t('labels.code')}
          shapeRendering="crispEdges"
        >
          <path
            d={data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')}
          />
        </svg>
      )}
    </Panel>
  );
}
