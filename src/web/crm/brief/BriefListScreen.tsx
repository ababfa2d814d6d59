import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CalendarCheck } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { keepPage } from '../../hooks/offline/offline-page';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import today from '../today/Today.module.css';
import classes from './Brief.module.css';
import { storedBriefs, useMe } from './use-brief';

/** Briefs in the offline store of this device. */
export function BriefListScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const { data } = useQuery({
    queryKey: ['offline', 'briefs', me?.id],
    queryFn: () => (me ? storedBriefs(me) : []),
    enabled: me !== undefined,
  });
  useEffect(() => void keepPage(), []);
  return (
    <main className={classes.page}>
      <div className={classes.bar}>
        <LinkTo to="/crew" search={{ tab: 'mine' }} size="sm" c="dimmed">
          ← {t('crew.mine')}
        </LinkTo>
      </div>
      <Stack>
        <div>
          <Title order={1} fz={22}>
            {t('brief.all')}
          </Title>
          <Text c="dimmed" size="sm" mt={4}>
            {t('brief.allText')}
          </Text>
        </div>
        {data ? (
          <Panel flush>
            {data.length === 0 && (
              <EmptyState icon={CalendarCheck} title={t('brief.none')} text={t('brief.noneText')} small />
            )}
            {data.map(({ event, dates }) => (
              <LinkTo
                key={event.id}
                to={`/brief/${event.id}`}
                className={today.row}
                c="inherit"
                underline="never"
              >
                <span className={today.text}>
                  <span className={today.title}>{event.title}</span>
                  <span className={today.sub}>
                    {dates
                      .map(({ event_date, place }) =>
                        [format.day(event_date), place?.name].filter(Boolean).join(' · '),
                      )
                      .join(', ')}
                  </span>
                </span>
              </LinkTo>
            ))}
          </Panel>
        ) : (
          <Panel>
            <Lines count={4} />
          </Panel>
        )}
      </Stack>
    </main>
  );
}
