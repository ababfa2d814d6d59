import { declareFailures, MarqueeError } from '@/lib/failures';

const POSTGRES_FAILURES = declareFailures('postgres', 'operator', {
  result_too_large: {
    category: 'invalid',
    status: 413,
    audience: 'user',
    means: 'The answer has more rows or bytes than allowed. What the statement wrote may stand.',
    hint: 'Ask for fewer rows or columns (limit, select), page through them, or stream them.',
  },
  statement_refused: {
    category: 'invalid',
    status: 400,
    audience: 'user',
    means:
      'This kind of statement cannot be sent here: COPY, transaction control, or one that leaves its tenant.',
    hint: 'Use withTenantTransaction; for COPY, copyOut and copyIn.',
  },
  primary_unknown: {
    category: 'unavailable',
    retryAfter: 2,
    means: 'None of the hosts of a URL is a primary that may be written to.',
    hint: 'See which server the cluster’s manager has promoted; Marquee follows as soon as it answers.',
  },
  protocol_violated: {
    category: 'unavailable',
    status: 502,
    means: 'What the server sends is not PostgreSQL’s protocol.',
    hint: 'Check what stands between here and the database: address, port, proxy, pooler.',
  },
});

/** A statement cannot be sent, or its answer not be taken. */
export class PostgresError extends MarqueeError<keyof typeof POSTGRES_FAILURES> {}
