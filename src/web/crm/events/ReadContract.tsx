import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Row } from '../../hooks/query';
import { DocumentFrame } from '../../ui/DocumentFrame';

/** What a contract says. */
export function ReadContract({ contract, onClose }: { contract: Row<'contracts'>; onClose: () => void }) {
  const { t } = useTranslation();
  const title = `${contract.title} ${contract.contract_number}`;
  return (
    <Modal opened onClose={onClose} size="lg" title={title}>
      <DocumentFrame title={title} html={contract.body_html} />
    </Modal>
  );
}
