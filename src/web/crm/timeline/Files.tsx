import { ActionIcon, Anchor, Button, FileButton, Image, Text } from '@mantine/core';
import { Paperclip, Trash2, Upload } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { addressOfFile, useAttachFiles, useDeleteFile } from '../../hooks/records/files';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import today from '../today/Today.module.css';

interface Properties {
  entityType: string;
  entityId: string;
  /** For files that clients see on their page: a key of `files.*`. */
  clientTitle?: string | undefined;
}

/** Files attached to a record. */
export function Files({ entityType, entityId, clientTitle }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const attach = useAttachFiles(entityType, entityId, clientTitle ? 'client' : 'internal');
  const remove = useDeleteFile();
  const { data, error, isPending, refetch } = useRecords('attachments', {
    filters: [
      ['entity_type', 'eq', entityType],
      ['entity_id', 'eq', entityId],
      ...(clientTitle ? ([['visibility', 'eq', 'client']] as const) : []),
    ],
    order: [['created_at', 'desc']],
  });
  return (
    <Panel
      title={t(clientTitle ? `files.${clientTitle}` : 'entity.attachments.many')}
      flush
      aside={
        may('tasks') && (
          <FileButton multiple onChange={(files) => files.length > 0 && attach.mutate(files)}>
            {(properties) => (
              <Button
                {...properties}
                size="compact-sm"
                variant="light"
                leftSection={<Upload size={14} />}
                loading={attach.isPending}
              >
                {t('files.add')}
              </Button>
            )}
          </FileButton>
        )
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={2} />
      ) : data?.length === 0 ? (
        <EmptyState
          icon={Paperclip}
          title={t(clientTitle ? `files.${clientTitle}None` : 'entity.attachments.empty')}
          small
        />
      ) : (
        data?.map((file) => (
          <div key={file.id} className={today.row}>
            <FilePicture id={file.id} type={file.mime_type} />
            <span className={today.text}>
              <Anchor href={addressOfFile(file.id)} target="_blank" className={today.title}>
                {file.file_name}
              </Anchor>
              <span className={today.sub}>{format.moment(file.created_at)}</span>
            </span>
            <Text size="sm" c="dimmed">
              {t('files.size', { size: Math.max(1, Math.round(file.size_bytes / 1024)) })}
            </Text>
            {may('operations') && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${t('delete')}: ${file.file_name}`}
                onClick={() => remove.mutate(file.id)}
              >
                <Trash2 size={15} />
              </ActionIcon>
            )}
          </div>
        ))
      )}
    </Panel>
  );
}

/** Thumbnail for image types that the server resizes; otherwise, or on failure, a paper clip. */
function FilePicture({ id, type }: { id: string; type: string }) {
  const [isShown, setShown] = useState(/^image\/(jpeg|png|webp|gif)$/.test(type));
  if (!isShown) return <Paperclip size={16} aria-hidden />;
  return (
    <Image
      src={`${addressOfFile(id)}/thumbnail`}
      alt=""
      w={40}
      h={40}
      radius="sm"
      loading="lazy"
      onError={() => setShown(false)}
    />
  );
}
