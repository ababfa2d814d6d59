// What becomes of mail after it was sent. Sending it is a job's business (`delivery/jobs`), whose parts take a while to load.
export { type MailReport, readDeliveryStatus, recordReport } from './report';
export { ReturnPaths } from './return-path';
