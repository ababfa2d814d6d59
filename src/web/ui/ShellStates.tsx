import { Skeleton } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Lines } from './Panel';
import classes from './Shell.module.css';

/** Skeleton of the frame while the session loads. @param entries of the navigation */
export function WaitingShell({ entries }: { entries: number }) {
  return (
    <div className={classes.frame} aria-busy="true">
      <div className={classes.navbar}>
        <Skeleton h={30} m={16} w={180} />
        <Lines count={entries} height={14} />
      </div>
      <div className={classes.main}>
        <div className={classes.screen}>
          <Skeleton h={30} w={260} mb="lg" />
          <Lines count={8} />
        </div>
      </div>
    </div>
  );
}

/** Redirects to sign-in once. A `Navigate` would redirect on every render while the sign-in screen loads. */
export function ToSignIn() {
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, with the initial location
  useEffect(() => {
    const from = pathname + searchStr;
    void navigate({ to: '/sign-in', search: from === '/' ? {} : { from }, replace: true });
  }, []);
  return null;
}
