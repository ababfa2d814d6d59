// One kind of error for every room: code, category, message, hint. See docs/reference/errors.md.
export { type Category, categoryOfStatus, EXACT_STATUSES, EXIT_CODES, HTTP, USER_TEXTS } from './category';
export {
  classify,
  connectionLost,
  type Fault,
  type FaultKind,
  isConnectionFailure,
  isConnectionGone,
  isTransient,
} from './classify';
export {
  type Audience,
  declaredFailures,
  declareFailures,
  type FailureDefinition,
  type FailureDetails,
  type ForeignCode,
  MarqueeError,
} from './failure';
export { errorForLog, withoutCredentials } from './for-log';
export { inWords } from './in-words';
export { type Message, type MessageDescriptor, messageFormatter, messageParser } from './message-descriptor';
export { StartError } from './start-error';
