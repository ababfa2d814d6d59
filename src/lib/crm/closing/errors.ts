import { MarqueeError } from '@/lib/failures';

/** A quote cannot be sent or accepted as it stands; codes begin with `quote_`. */
export class ClosingError extends MarqueeError {}
