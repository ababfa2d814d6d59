import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { ScreenTabs } from '../../ui/ScreenTabs';

/** Tabs of a screen. Its address names the selected one (`?tab=`); without that it is the first. */
export function AddressTabs({ tabs }: { tabs: readonly [ContentTab, ...ContentTab[]] }) {
  const navigate = useNavigate();
  const { tab } = useScreenSearch();
  const selected = tabs.find(({ key }) => key === tab) ?? tabs[0];
  return (
    <ScreenTabs
      value={selected.key}
      tabs={tabs}
      onChoose={(next) => void navigate({ to: '.', search: { tab: next }, replace: true } as never)}
    >
      {selected.content}
    </ScreenTabs>
  );
}

interface ContentTab {
  key: string;
  label: string;
  content: ReactNode;
}
