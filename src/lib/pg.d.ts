import 'pg';

declare module 'pg' {
  interface Client {
    /** The connection keeps the process alive, as it does at first. */
    ref(): void;
    /** The connection lets the process end. */
    unref(): void;
  }
}
