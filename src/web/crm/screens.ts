/** Every screen behind the sign-in, loaded when it is first gone to. */
interface Screen {
  path: string;
  load: () => Promise<Record<string, React.ComponentType>>;
  name: string;
}

export const screens: readonly Screen[] = [
  { path: '/', load: () => import('./today/TodayScreen'), name: 'TodayScreen' },
];
