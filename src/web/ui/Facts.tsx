import type { ReactNode } from 'react';
import classes from './Facts.module.css';

/** A name and its value. A wide one takes the whole line. */
type Fact = readonly [name: string, value: ReactNode, isWide?: boolean];

/** Names and values, in columns. What has no value is left out. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value, isWide]) => (
          <div key={name} className={isWide ? classes.wide : undefined}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
