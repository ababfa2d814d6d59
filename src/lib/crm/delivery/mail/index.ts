// Reports about sent mail. Sending is in `delivery/jobs`, which takes longer to load.
export { type MailReport, readDeliveryStatus, recordReport } from './report';
export { ReturnPaths } from './return-path';
