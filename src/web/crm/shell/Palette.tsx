import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignedIn } from '../../hooks/session';
import { navigation } from './navigation';
import { useSearchResults } from './use-search-results';

/** ⌘K: go anywhere, find anything. */
export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { user } = useSignedIn();
  const [query, setQuery] = useState('');
  const [words] = useDebouncedValue(query.trim(), 120);
  const results = useSearchResults(words);
  // Loaded because it was asked for.
  useEffect(() => spotlight.open(), []);
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
  const groups = [found, screens].filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight
      shortcut={['mod + K']}
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      // The database has searched already.
      filter={(_query, actions) => actions}
      nothingFound={words ? t('nothingFound') : t('palette.hint')}
      highlightQuery
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <Search size={18} />,
        placeholder: t('palette.placeholder'),
        'aria-label': t('search'),
      }}
    />
  );
}
