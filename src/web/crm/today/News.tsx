import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../ui/Panel';
import { NoticeList } from '../notices/NoticeList';
import { useNotices, useReadNotices } from '../notices/notices';

const MOST = 5;

/** Unread notices: what clients did, and mails that were not delivered. Nothing where there are none. */
export function News() {
  const { t } = useTranslation();
  const { data = [] } = useNotices();
  const read = useReadNotices();
  const unread = data.filter(({ read_at }) => read_at === null);
  if (unread.length === 0) return null;
  return (
    <Panel
      title={t('notices.news', { count: unread.length })}
      flush
      aside={
        <Button size="compact-sm" variant="default" onClick={() => read()}>
          {t('notices.readAll')}
        </Button>
      }
    >
      <NoticeList notices={unread.slice(0, MOST)} />
    </Panel>
  );
}
