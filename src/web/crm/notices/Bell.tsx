import { ActionIcon, Button, Group, Indicator, Popover, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Bell as BellIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../ui/Panel';
import { NoticeList } from './NoticeList';
import classes from './Notices.module.css';
import { useNotices, useReadNotices } from './notices';

/** Notices of the signed-in user. The number of unread ones stands at the bell. */
export function Bell() {
  const { t } = useTranslation();
  const { data = [] } = useNotices();
  const read = useReadNotices();
  const [opened, { toggle, close }] = useDisclosure();
  const unread = data.filter(({ read_at }) => read_at === null).length;
  return (
    <Popover
      opened={opened}
      onChange={close}
      position="bottom-start"
      width={360}
      shadow="md"
      trapFocus
      withinPortal
    >
      <Indicator
        label={unread > 9 ? '9+' : unread}
        size={17}
        disabled={unread === 0}
        color="red.8"
        offset={5}
      >
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('notices.bell', { count: unread })}
            onClick={toggle}
          >
            <BellIcon size={19} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} className={classes.list}>
        <Group justify="space-between" px={14} py={8}>
          <Text fw={600}>{t('notices.title')}</Text>
          {unread > 0 && (
            <Button size="compact-sm" variant="subtle" onClick={() => read()}>
              {t('notices.readAll')}
            </Button>
          )}
        </Group>
        {data.length === 0 ? (
          <EmptyState icon={BellIcon} title={t('notices.none')} small />
        ) : (
          <NoticeList notices={data} onOpen={close} />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
