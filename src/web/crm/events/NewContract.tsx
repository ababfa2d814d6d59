import { Alert, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogActions } from '../../ui/DialogActions';
import { DocumentFrame } from '../../ui/DocumentFrame';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { plainText } from '../../ui/plain-text';
import { MissingFields } from './MissingFields';
import { useContractPreview, useMakeContract } from './sending';
import { TemplateInput } from './TemplateInput';

/** Creates a contract from a template, with a preview. */
export function NewContract({ eventId, onClose }: { eventId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [templateId, setTemplate] = useState<string | null>(null);
  const { data, error, isFetching } = useContractPreview(eventId, templateId ?? undefined);
  const make = useMakeContract(eventId);
  const failure = error ?? make.error;
  const isEmpty = data !== undefined && plainText(data.content) === '';
  return (
    <Modal opened onClose={onClose} size="lg" title={t('contracts.new')}>
      <Stack>
        <TemplateInput
          type="contract"
          placeholder={t('contracts.standard')}
          value={templateId}
          onChange={(template) => setTemplate(template?.id ?? null)}
        />
        <FormError error={failure} />
        {data && <MissingFields missing={data.missing} />}
        {isEmpty && <Alert color="orange">{t('failure.quote_contract_empty')}</Alert>}
        {data ? (
          <DocumentFrame title={t('preview')} html={data.content} />
        ) : (
          isFetching && <Lines count={6} />
        )}
        <DialogActions
          label={t('contracts.make')}
          onCancel={onClose}
          onConfirm={() =>
            make.mutate(templateId ?? undefined, {
              onSuccess: () => {
                notifyDone(t('contracts.made'));
                onClose();
              },
            })
          }
          isPending={make.isPending}
          isDisabled={!data || isFetching || data.missing.length > 0 || isEmpty}
        />
      </Stack>
    </Modal>
  );
}
