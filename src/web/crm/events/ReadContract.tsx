import { Modal } from '@mantine/core';
import type { Row } from '../../hooks/request/query';
import { DocumentFrame } from '../../ui/DocumentFrame';

export function ReadContract({ contract, onClose }: { contract: Row<'contracts'>; onClose: () => void }) {
  const title = `${contract.title} ${contract.contract_number}`;
  return (
    <Modal opened onClose={onClose} size="lg" title={title}>
      <DocumentFrame title={title} html={contract.body_html} />
    </Modal>
  );
}
