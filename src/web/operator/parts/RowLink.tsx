import { mountPoint } from '../../hooks/page/address';
import classes from './DataTable.module.css';

/** A link in a row of `DataTable`, which follows it. @param to below `/operator` */
export function RowLink({ to, children }: { to: string; children: string }) {
  return (
    <a href={`${mountPoint}/operator${to}`} data-to={to} className={classes.link}>
      {children}
    </a>
  );
}
