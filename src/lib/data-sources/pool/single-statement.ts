import type pg from 'pg';

/** Makes the server parse a text by the extended protocol, which accepts one statement only. Runs nothing. */
export class SingleStatement implements pg.Submittable {
  /** Why the server refused the text. */
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
