import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { CalendarSearch, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { Lines } from '../../ui/Panel';
import { navigation } from './navigation';
import { useSearchResults } from './use-search-results';

const CanWeTakeIt = lazy(() =>
  import('../availability/CanWeTakeIt').then((question) => ({ default: question.CanWeTakeIt })),
);

/** Command palette (⌘K): navigation, search and the availability check. */
export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { user } = useSignedIn();
  const may = useMay();
  const [query, setQuery] = useState('');
  const [words] = useDebouncedValue(query.trim(), 120);
  const { results, isSearching } = useSearchResults(words);
  // Opens on mount, because it is loaded on first use.
  useEffect(() => spotlight.open(), []);
  const [checkOpen, setCheckOpen] = useState(false);
  const question = t('availability.ask');
  const questions: SpotlightActionGroupData = {
    group: t('nav.availability'),
    actions:
      may('sales') && question.toLowerCase().includes(query.trim().toLowerCase())
        ? [
            {
              id: 'can-we-take-it',
              label: question,
              leftSection: <CalendarSearch size={18} />,
              onClick: () => setCheckOpen(true),
            },
          ]
        : [],
  };
  const screens: SpotlightActionGroupData = {
    group: t('palette.screens'),
    actions: navigation
      .flatMap(({ items }) => items)
      .filter((item) => !item.hiddenFrom?.includes(user.role))
      .filter(({ key }) => t(`nav.${key}`).toLowerCase().includes(query.trim().toLowerCase()))
      .map(({ key, to, icon: Icon, letter }) => ({
        id: key,
        label: t(`nav.${key}`),
        description: letter ? `g ${letter}` : '',
        leftSection: <Icon size={18} />,
        onClick: () => void navigate({ to }),
      })),
  };
  const found: SpotlightActionGroupData = {
    group: t('palette.records'),
    actions: results.map(({ id, kind, title, subtitle, to }) => ({
      id,
      label: title,
      description: [t(`kind.${kind}`, kind), subtitle].filter(Boolean).join(' · '),
      onClick: () => void navigate({ to: to as '/' }),
    })),
  };
  const nothing =
    isSearching || words !== query.trim() ? <Lines count={2} /> : t(words ? 'nothingFound' : 'palette.hint');
  const groups = [found, questions, screens].filter(({ actions }) => actions.length > 0);
  return (
    <>
      <Spotlight
        shortcut={['mod + K']}
        actions={groups}
        query={query}
        onQueryChange={setQuery}
        // Already filtered by the database.
        filter={(_query, actions) => actions}
        nothingFound={nothing}
        highlightQuery
        scrollable
        attributes={{ content: { 'aria-label': t('search') } }}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
        maxHeight={420}
        searchProps={{
          leftSection: <Search size={18} />,
          placeholder: t('palette.placeholder'),
          'aria-label': t('search'),
        }}
      />
      {checkOpen && (
        <Suspense>
          <CanWeTakeIt opened onClose={() => setCheckOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
