import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink, type LinkProps } from '@tanstack/react-router';
import { forwardRef, type ReactNode } from 'react';
import type { ScreenSearch } from '../hooks/page/screen-search';

const RouterAnchor = createLink(
  forwardRef<HTMLAnchorElement, AnchorProps & { children?: ReactNode }>((properties, ref) => (
    <Anchor ref={ref} {...properties} />
  )),
);
const RouterButton = createLink(
  forwardRef<HTMLAnchorElement, ButtonProps & { children?: ReactNode }>((properties, ref) => (
    <Button component="a" ref={ref} {...properties} />
  )),
);

interface Target {
  /** Application path built at run time: `/accounts/…`. */
  to: string;
  search?: ScreenSearch;
  children?: ReactNode;
}

export function LinkTo({
  to,
  search,
  ...rest
}: Target & Omit<AnchorProps, 'href'> & { onClick?: () => void }) {
  return <RouterAnchor {...target(to, search)} {...rest} />;
}

export function ButtonTo({ to, search, ...rest }: Target & ButtonProps) {
  return <RouterButton {...target(to, search)} {...rest} />;
}

/** Paths that contain ids are not in the router's typed routes. */
function target(to: string, search: ScreenSearch | undefined): Pick<LinkProps, 'to' | 'search'> {
  return { to: to as '/', ...(search ? { search } : {}) };
}
