import { Link } from '@tanstack/react-router';
import { useFormat } from '../../hooks/format';
import classes from './Notices.module.css';
import { type Notice, placeOfNotice, useNoticeText, useReadNotices } from './notices';

/** Notices, each leading to its record. Opening one marks it as read. */
export function NoticeList({ notices, onOpen }: { notices: readonly Notice[]; onOpen?: () => void }) {
  const format = useFormat();
  const textOf = useNoticeText();
  const read = useReadNotices();
  return (
    <ul className={classes.notices}>
      {notices.map((notice) => {
        const { title, details } = textOf(notice);
        return (
          <li key={notice.id}>
            <Link
              to={placeOfNotice(notice) as '/'}
              className={classes.notice}
              data-unread={notice.read_at === null || undefined}
              onClick={() => {
                if (notice.read_at === null) read([notice.id]);
                onOpen?.();
              }}
            >
              <span className={classes.title}>{title}</span>
              {details && <span className={classes.details}>{details}</span>}
              <span className={classes.details}>{format.moment(notice.created_at)}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
