import { Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './ScreenTabs.module.css';

interface Properties {
  /** The selected tab. */
  value: string;
  tabs: readonly { key: string; label: string }[];
  onChoose: (key: string) => void;
  children: ReactNode;
}

/** Tabs of a screen. On a phone the strip scrolls, and the selected tab is kept in view. */
export function ScreenTabs({ value, tabs, onChoose, children }: Properties) {
  const strip = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the selected tab changes
  useEffect(() => {
    const chosen = strip.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!strip.current || !chosen) return;
    // Scroll only the strip, not the page.
    strip.current.scrollLeft = chosen.offsetLeft - (strip.current.clientWidth - chosen.offsetWidth) / 2;
  }, [value]);
  return (
    <Tabs
      value={value}
      onChange={(key) => onChoose(key ?? '')}
      keepMounted={false}
      classNames={{ list: classes.tabs }}
    >
      <Tabs.List ref={strip}>
        {tabs.map(({ key, label }) => (
          <Tabs.Tab key={key} value={key}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={value} pt="lg">
        {children}
      </Tabs.Panel>
    </Tabs>
  );
}
