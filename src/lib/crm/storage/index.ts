export { idOf } from '../ids';
export { Attachments, type NewAttachment } from './attachments';
export { createDiskStorage } from './disk';
export { type FileStorage, readStored, sha256Of, storageKey, storageOf } from './file-storage';
export { ALLOWED_TYPES, cleanName, type InspectedFile, inspectFile, MAX_FILE_BYTES } from './inspect';
export { ReceivedFile } from './received-file';
export { createRegionalStorage } from './regional';
export { createS3Storage } from './s3';
export { shrinkLogo, THUMBNAIL_SIZES, type ThumbnailSize } from './thumbnail';
