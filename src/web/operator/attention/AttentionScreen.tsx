import { Alert, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { CircleCheckBig } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attention } from '@/server/operator/attention';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useFilled } from '../../ui/few-at-once';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useListSearch } from '../parts/use-list-search';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { pageOf } from './page-of';

type Item = Attention['items'][number];

const EVERY_MS = 5_000;
const keyOf = ({ part, subject, state }: Item) => `${part} ${subject} ${state}`;

/** All that is wrong across the fleet, the worst first: what it is about, what was seen, and one step that helps. */
export function AttentionScreen() {
  const { t } = useTranslation();
  const { f = {} } = useScreenSearch();
  const query = useOperatorQuery<Attention>('attention', '/attention', {
    everyMs: EVERY_MS,
    parameters: { part: f.part },
  });
  const { setFilter } = useListSearch('');
  const parts = query.data?.parts ?? [];
  return (
    <>
      <PageHeader
        title={t('attention.title')}
        subtitle={
          query.data && (
            <>
              {t('attention.asOf')} <Ago at={query.data.readAt} />
            </>
          )
        }
        actions={
          // The browser's own: the console's first screen loads no list of its own for it.
          <NativeSelect
            aria-label={t('attention.filter')}
            data={[
              { value: '', label: t('attention.filter') },
              ...parts.map(({ name }) => ({ value: name, label: t(`attention.parts.${name}`, name) })),
            ]}
            value={f.part ?? ''}
            onChange={(event) => setFilter('part', event.currentTarget.value || null)}
          />
        }
      />
      <QueryView query={query} lines={8}>
        {(found) => <Found found={found} isOnePart={f.part !== undefined} />}
      </QueryView>
      <Command text={f.part ? `marquee status ${f.part}` : 'marquee status'} />
    </>
  );
}

function Found({
  found: { items, counts, parts },
  isOnePart,
}: {
  found: Attention;
  /** The filter hides other parts, which may have problems. */
  isOnePart: boolean;
}) {
  const { t } = useTranslation();
  const unread = parts.filter(({ state }) => state === 'unreachable');
  // There may be two hundred.
  const filled = useFilled(items.map(keyOf));
  return (
    <Stack gap="md">
      {unread.map(({ name, problem }) => (
        <Alert key={name} color="red" role="alert">
          {t('attention.unread', { part: t(`attention.parts.${name}`, name), why: problem })}
        </Alert>
      ))}
      {(['bad', 'warning'] as const).map((level) => (
        <Level
          key={level}
          level={level}
          count={counts[level]}
          items={items.filter((item) => item.level === level && filled.has(keyOf(item)))}
        />
      ))}
      {items.length === 0 && unread.length === 0 && (
        <EmptyState
          icon={CircleCheckBig}
          title={t('attention.none')}
          text={t(isOnePart ? 'attention.noneOfPart' : 'attention.noneText')}
        />
      )}
    </Stack>
  );
}

interface LevelProperties {
  level: Item['level'];
  /** The number of items of this level, of which the list may show only the first; the filter by part shows the others. */
  count: number;
  items: readonly Item[];
}

function Level({ level, count, items }: LevelProperties) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <Panel title={`${t(`attention.${level}`)} (${count})`}>
      <Stack gap="md">
        {items.map((item) => (
          <One key={keyOf(item)} item={item} />
        ))}
      </Stack>
    </Panel>
  );
}

const One = memo(function One({ item }: { item: Item }) {
  const { t } = useTranslation();
  const { part, level, subject, state, says, next } = item;
  const say = useMessage();
  const detail = says.details.map((one) => say(one, one.text)).join(' ');
  const { routesByPath } = useRouter();
  const to = pageOf(item, (path) => path in routesByPath);
  return (
    <article>
      <Group gap="xs" wrap="wrap">
        <State tone={level === 'bad' ? 'bad' : 'warning'}>{say(says.state, state)}</State>
        <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {to ? <LinkTo to={to}>{subject}</LinkTo> : subject}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`attention.parts.${part}`, part)}
        </Text>
      </Group>
      {detail && (
        <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {detail}
        </Text>
      )}
      <Command label={t('attention.step')} text={next} />
    </article>
  );
});
