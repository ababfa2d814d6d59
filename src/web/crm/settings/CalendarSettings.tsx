import { Anchor, Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarSync } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarFeedAnswer, OpenedFeed } from '@/server/api/connections/calendars';
import { useCalendarFeeds, useDeleteFeed, useRenewFeed } from '../../hooks/company/connections';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { ShownOnce } from '../../ui/ShownOnce';
import { AddFeed } from './AddFeed';
import { ListPanel } from './ListPanel';
import classes from './Settings.module.css';

/** Calendar feeds for other programs: the user's own shifts, or a booth's bookings. */
export function CalendarSettings() {
  const { t } = useTranslation();
  const query = useCalendarFeeds();
  const [adding, { open, close }] = useDisclosure();
  const [opened, setOpened] = useState<OpenedFeed>();
  const feeds = query.data?.feeds ?? [];
  return (
    <ListPanel
      title={t('settings.calendars.title')}
      text={t('feeds.text')}
      add={{ label: t('feeds.add'), onClick: open }}
      query={query}
      empty={
        feeds.length === 0 ? { icon: CalendarSync, title: t('feeds.none'), text: t('feeds.noneText') } : null
      }
      after={
        <>
          {adding && <AddFeed onClose={close} onOpened={setOpened} />}
          {opened && <Address feed={opened} onClose={() => setOpened(undefined)} />}
        </>
      }
    >
      {feeds.map((feed) => (
        <Feed key={feed.id} feed={feed} onOpened={setOpened} />
      ))}
    </ListPanel>
  );
}

function Feed({ feed, onOpened }: { feed: CalendarFeedAnswer; onOpened: (feed: OpenedFeed) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const renew = useRenewFeed();
  const remove = useDeleteFeed();
  const { id, name, subject, detail, createdAt } = feed;
  const booths = useRecords(
    'booths',
    { select: 'id,name', filters: [['id', 'eq', subject.id]] },
    { enabled: subject.kind === 'booth' },
  );
  const whose = subject.kind === 'user' ? t('feeds.mine') : (booths.data?.[0]?.name ?? t('feeds.booth'));
  const askToRenew = () =>
    confirm({
      title: t('feeds.renewTitle', { name }),
      text: t('feeds.renewText'),
      action: t('feeds.renew'),
      onConfirm: () => renew.mutate(id, { onSuccess: onOpened }),
    });
  const askToDelete = () =>
    confirm({
      title: t('feeds.revokeTitle', { name }),
      text: t('feeds.revokeText'),
      action: t('feeds.revoke'),
      destructive: true,
      onConfirm: () => remove.mutate(id, { onSuccess: () => notifyDone(t('feeds.revoked')) }),
    });
  return (
    <section className={classes.entry} aria-label={name}>
      <Group justify="space-between" gap="xs">
        <div className={classes.words}>
          <Text fw={550}>{name}</Text>
          <Text size="sm" c="dimmed">
            {[whose, t(`feeds.detail.${detail}`), t('feeds.since', { when: format.date(createdAt) })].join(
              ' · ',
            )}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            loading={renew.isPending}
            aria-label={`${t('feeds.renew')}: ${name}`}
            onClick={askToRenew}
          >
            {t('feeds.renew')}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            loading={remove.isPending}
            aria-label={`${t('feeds.revoke')}: ${name}`}
            onClick={askToDelete}
          >
            {t('feeds.revoke')}
          </Button>
        </Group>
      </Group>
    </section>
  );
}

/** The feed's secret URL, which is shown only once. */
function Address({ feed, onClose }: { feed: OpenedFeed; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={feed.name}>
      <ShownOnce
        message={t('feeds.opened')}
        label={t('feeds.address')}
        description={t('feeds.addressText')}
        value={feed.url}
        onClose={onClose}
      >
        <Anchor href={feed.url.replace(/^https?:/, 'webcal:')} size="sm" underline="always">
          {t('feeds.subscribe')}
        </Anchor>
      </ShownOnce>
    </Modal>
  );
}
