import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ScreenSearch } from '../../hooks/page/screen-search';
import classes from './Today.module.css';

interface Properties {
  to: string;
  search?: ScreenSearch;
  lead?: ReactNode;
  title: string;
  text?: ReactNode;
  aside?: ReactNode;
  /** Wraps long text. */
  wraps?: boolean;
}

/** A list row that links to a record. */
export function RowLink({ to, search, lead, title, text, aside, wraps }: Properties) {
  return (
    <Link to={to as '/'} className={classes.row} {...(search ? { search } : {})}>
      {lead}
      <span className={classes.text} data-wraps={wraps || undefined}>
        <span className={classes.title}>{title}</span>
        {text && <span className={classes.sub}>{text}</span>}
      </span>
      {aside && <span className={classes.aside}>{aside}</span>}
    </Link>
  );
}
