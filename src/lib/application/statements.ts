// The statements of this room, each under a name. PostgreSQL gets the text; a Supabase project, which takes no SQL, has a function for each
// of them (supabase/publish.ts), so that both do the same.

/** A statement of the application database. Parameters are cast (`$1::uuid`), and a change ends in `returning`. Columns whose names end in `At` are times. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Statements about one subject: `{ find: 'select …' }` of `tenant` is the statement `tenant_find`. */
export function statements<Key extends string>(
  subject: string,
  texts: Record<Key, string>,
): Record<Key, Statement> {
  const named = Object.entries<string>(texts).map(([key, text]) => {
    const name = `${subject}_${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return [key, { name, text }];
  });
  return Object.fromEntries(named);
}
