import type { Route } from './route';

/** Where an attempt is: its route is chosen; its caller is identified; the tenant is about to be entered. */
export type AttemptStage = 'routed' | 'identified' | 'entering';

/** Awaited at each stage of each attempt: how a test changes routes between them. */
export type AtStage = (stage: AttemptStage, route: Route) => Promise<void> | void;
