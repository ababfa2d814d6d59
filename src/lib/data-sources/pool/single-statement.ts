import type pg from 'pg';

/** Has the server parse a text as the extended protocol does, which takes one statement only; runs nothing. */
export class SingleStatement implements pg.Submittable {
  /** What the server said against it. */
  failure: Error | undefined;

  constructor(private readonly text: string) {}

  submit(connection: pg.Connection): void {
    connection.parse({ name: '', text: this.text, types: [] }, true);
    connection.sync();
  }

  handleError(error: Error): void {
    this.failure = error;
  }

  handleReadyForQuery(): void {}
}
