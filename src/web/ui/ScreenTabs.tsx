import { Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './RecordPage.module.css';

interface Properties {
  /** The one that is shown. */
  value: string;
  tabs: readonly { key: string; label: string }[];
  onChoose: (key: string) => void;
  children: ReactNode;
}

/** The parts of a screen. On a phone they are a strip to swipe, in which the one that is shown is in view. */
export function ScreenTabs({ value, tabs, onChoose, children }: Properties) {
  const strip = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is chosen
  useEffect(() => {
    const chosen = strip.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!strip.current || !chosen) return;
    // The strip only: the page stays where it is.
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
