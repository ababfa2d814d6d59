// Written by `marquee types` from the database's catalogs. Do not edit: run it again.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  __InternalSupabase: {
    PostgrestVersion: "14.1"
  }
  public: {
    Tables: {
      accounts: {
        Row: {
          account_type: string
          billing_city: string | null
          billing_country: string | null
          billing_postal_code: string | null
          billing_state: string | null
          billing_street: string | null
          created_at: string
          created_by: string | null
          credit_limit: number | null
          deleted_at: string | null
          email: string | null
          id: string
          industry: string | null
          locale: string | null
          merged_at: string | null
          merged_into_id: string | null
          name: string
          notes: string | null
          owner_id: string | null
          payment_terms: string | null
          phone: string | null
          phone_key: string | null
          shipping_city: string | null
          shipping_country: string | null
          shipping_postal_code: string | null
          shipping_state: string | null
          shipping_street: string | null
          status: string
          tax_exempt: boolean
          tax_id: string | null
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
          website: string | null
        }
        Insert: {
          account_type?: string
          billing_city?: string | null
          billing_country?: string | null
          billing_postal_code?: string | null
          billing_state?: string | null
          billing_street?: string | null
          created_at?: string
          created_by?: string | null
          credit_limit?: number | null
          deleted_at?: string | null
          email?: string | null
          id?: string
          industry?: string | null
          locale?: string | null
          merged_at?: string | null
          merged_into_id?: string | null
          name: string
          notes?: string | null
          owner_id?: string | null
          payment_terms?: string | null
          phone?: string | null
          phone_key?: never
          shipping_city?: string | null
          shipping_country?: string | null
          shipping_postal_code?: string | null
          shipping_state?: string | null
          shipping_street?: string | null
          status?: string
          tax_exempt?: boolean
          tax_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          website?: string | null
        }
        Update: {
          account_type?: string
          billing_city?: string | null
          billing_country?: string | null
          billing_postal_code?: string | null
          billing_state?: string | null
          billing_street?: string | null
          created_at?: string
          created_by?: string | null
          credit_limit?: number | null
          deleted_at?: string | null
          email?: string | null
          id?: string
          industry?: string | null
          locale?: string | null
          merged_at?: string | null
          merged_into_id?: string | null
          name?: string
          notes?: string | null
          owner_id?: string | null
          payment_terms?: string | null
          phone?: string | null
          phone_key?: never
          shipping_city?: string | null
          shipping_country?: string | null
          shipping_postal_code?: string | null
          shipping_state?: string | null
          shipping_street?: string | null
          status?: string
          tax_exempt?: boolean
          tax_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          website?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "accounts_merged_into_id_fkey"
            columns: ["merged_into_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
        ]
      }
      add_ons: {
        Row: {
          category: string | null
          created_at: string
          created_by: string | null
          description: string | null
          equipment_type_id: string | null
          id: string
          is_active: boolean
          name: string
          price: number
          taxable: boolean
          tenant_id: string
          unit: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          category?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          equipment_type_id?: string | null
          id?: string
          is_active?: boolean
          name: string
          price: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          category?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          equipment_type_id?: string | null
          id?: string
          is_active?: boolean
          name?: string
          price?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "add_ons_equipment_type_id_fkey"
            columns: ["equipment_type_id"]
            isOneToOne: false
            referencedRelation: "equipment_types"
            referencedColumns: ["id"]
          },
        ]
      }
      attachments: {
        Row: {
          created_at: string
          created_by: string | null
          entity_id: string
          entity_type: string
          file_name: string
          id: string
          mime_type: string
          sha256: string | null
          size_bytes: number
          storage_key: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
          visibility: string
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          entity_id: string
          entity_type: string
          file_name: string
          id?: string
          mime_type: string
          sha256?: string | null
          size_bytes: number
          storage_key: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Update: {
          created_at?: string
          created_by?: string | null
          entity_id?: string
          entity_type?: string
          file_name?: string
          id?: string
          mime_type?: string
          sha256?: string | null
          size_bytes?: number
          storage_key?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Relationships: []
      }
      booth_assignments: {
        Row: {
          booth_id: string
          cancelled_at: string | null
          checked_in_at: string | null
          checked_in_by: string | null
          checked_out_at: string | null
          checked_out_by: string | null
          condition: string | null
          created_at: string
          created_by: string | null
          damaged: Json
          event_date_id: string
          event_id: string | null
          hold_expires_at: string | null
          id: string
          missing: Json
          notes: string | null
          overbooked: boolean
          per: string
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          booth_id: string
          cancelled_at?: string | null
          checked_in_at?: string | null
          checked_in_by?: string | null
          checked_out_at?: string | null
          checked_out_by?: string | null
          condition?: string | null
          created_at?: string
          created_by?: string | null
          damaged?: Json
          event_date_id: string
          event_id?: string | null
          hold_expires_at?: string | null
          id?: string
          missing?: Json
          notes?: string | null
          overbooked?: boolean
          per: string
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          booth_id?: string
          cancelled_at?: string | null
          checked_in_at?: string | null
          checked_in_by?: string | null
          checked_out_at?: string | null
          checked_out_by?: string | null
          condition?: string | null
          created_at?: string
          created_by?: string | null
          damaged?: Json
          event_date_id?: string
          event_id?: string | null
          hold_expires_at?: string | null
          id?: string
          missing?: Json
          notes?: string | null
          overbooked?: boolean
          per?: string
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "booth_assignments_booth_id_fkey"
            columns: ["booth_id"]
            isOneToOne: false
            referencedRelation: "booths"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "booth_assignments_event_date_id_fkey"
            columns: ["event_date_id"]
            isOneToOne: false
            referencedRelation: "event_dates"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "booth_assignments_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
        ]
      }
      booth_types: {
        Row: {
          buffer_after_minutes: number
          buffer_before_minutes: number
          created_at: string
          created_by: string | null
          crew_needed: number
          id: string
          is_active: boolean
          name: string
          required_items: Json
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          buffer_after_minutes?: number
          buffer_before_minutes?: number
          created_at?: string
          created_by?: string | null
          crew_needed?: number
          id?: string
          is_active?: boolean
          name: string
          required_items?: Json
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          buffer_after_minutes?: number
          buffer_before_minutes?: number
          created_at?: string
          created_by?: string | null
          crew_needed?: number
          id?: string
          is_active?: boolean
          name?: string
          required_items?: Json
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      booths: {
        Row: {
          booth_type_id: string
          created_at: string
          created_by: string | null
          id: string
          location_id: string | null
          name: string
          notes: string | null
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          booth_type_id: string
          created_at?: string
          created_by?: string | null
          id?: string
          location_id?: string | null
          name: string
          notes?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          booth_type_id?: string
          created_at?: string
          created_by?: string | null
          id?: string
          location_id?: string | null
          name?: string
          notes?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "booths_booth_type_id_fkey"
            columns: ["booth_type_id"]
            isOneToOne: false
            referencedRelation: "booth_types"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "booths_location_id_fkey"
            columns: ["location_id"]
            isOneToOne: false
            referencedRelation: "locations"
            referencedColumns: ["id"]
          },
        ]
      }
      communications: {
        Row: {
          account_id: string | null
          attached: Json
          body: string | null
          cc: string | null
          contact_id: string | null
          created_at: string
          created_by: string | null
          direction: string
          event_id: string | null
          failure_reason: string | null
          from_address: string | null
          id: string
          invoice_id: string | null
          language: string | null
          lead_id: string | null
          occurred_at: string
          opened_at: string | null
          opportunity_id: string | null
          owner_id: string | null
          provider_message_id: string | null
          quote_id: string | null
          status: string
          subject: string | null
          tenant_id: string
          thread_id: string | null
          to_address: string | null
          type: string
          updated_at: string
          updated_by: string | null
          version: number
          visibility: string
        }
        Insert: {
          account_id?: string | null
          attached?: Json
          body?: string | null
          cc?: string | null
          contact_id?: string | null
          created_at?: string
          created_by?: string | null
          direction?: string
          event_id?: string | null
          failure_reason?: string | null
          from_address?: string | null
          id?: string
          invoice_id?: string | null
          language?: string | null
          lead_id?: string | null
          occurred_at?: string
          opened_at?: string | null
          opportunity_id?: string | null
          owner_id?: string | null
          provider_message_id?: string | null
          quote_id?: string | null
          status?: string
          subject?: string | null
          tenant_id?: string
          thread_id?: string | null
          to_address?: string | null
          type: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Update: {
          account_id?: string | null
          attached?: Json
          body?: string | null
          cc?: string | null
          contact_id?: string | null
          created_at?: string
          created_by?: string | null
          direction?: string
          event_id?: string | null
          failure_reason?: string | null
          from_address?: string | null
          id?: string
          invoice_id?: string | null
          language?: string | null
          lead_id?: string | null
          occurred_at?: string
          opened_at?: string | null
          opportunity_id?: string | null
          owner_id?: string | null
          provider_message_id?: string | null
          quote_id?: string | null
          status?: string
          subject?: string | null
          tenant_id?: string
          thread_id?: string | null
          to_address?: string | null
          type?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Relationships: [
          {
            foreignKeyName: "communications_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_invoice_id_fkey"
            columns: ["invoice_id"]
            isOneToOne: false
            referencedRelation: "invoices"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_lead_id_fkey"
            columns: ["lead_id"]
            isOneToOne: false
            referencedRelation: "leads"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "communications_quote_id_fkey"
            columns: ["quote_id"]
            isOneToOne: false
            referencedRelation: "quotes"
            referencedColumns: ["id"]
          },
        ]
      }
      contact_accounts: {
        Row: {
          account_id: string
          contact_id: string
          created_at: string
          created_by: string | null
          end_date: string | null
          id: string
          is_primary: boolean
          other_roles: string[]
          role: string
          start_date: string | null
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          account_id: string
          contact_id: string
          created_at?: string
          created_by?: string | null
          end_date?: string | null
          id?: string
          is_primary?: boolean
          other_roles?: string[]
          role?: string
          start_date?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          account_id?: string
          contact_id?: string
          created_at?: string
          created_by?: string | null
          end_date?: string | null
          id?: string
          is_primary?: boolean
          other_roles?: string[]
          role?: string
          start_date?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "contact_accounts_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contact_accounts_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
        ]
      }
      contacts: {
        Row: {
          address_city: string | null
          address_country: string | null
          address_postal_code: string | null
          address_state: string | null
          address_street: string | null
          birthday: string | null
          consent_text: string | null
          consented_at: string | null
          created_at: string
          created_by: string | null
          deleted_at: string | null
          email: string | null
          email_opt_out: boolean
          first_name: string
          id: string
          job_title: string | null
          last_name: string | null
          merged_at: string | null
          merged_into_id: string | null
          notes: string | null
          owner_id: string | null
          phone: string | null
          phone_key: string | null
          sms_opt_out: boolean
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          address_city?: string | null
          address_country?: string | null
          address_postal_code?: string | null
          address_state?: string | null
          address_street?: string | null
          birthday?: string | null
          consent_text?: string | null
          consented_at?: string | null
          created_at?: string
          created_by?: string | null
          deleted_at?: string | null
          email?: string | null
          email_opt_out?: boolean
          first_name: string
          id?: string
          job_title?: string | null
          last_name?: string | null
          merged_at?: string | null
          merged_into_id?: string | null
          notes?: string | null
          owner_id?: string | null
          phone?: string | null
          phone_key?: never
          sms_opt_out?: boolean
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          address_city?: string | null
          address_country?: string | null
          address_postal_code?: string | null
          address_state?: string | null
          address_street?: string | null
          birthday?: string | null
          consent_text?: string | null
          consented_at?: string | null
          created_at?: string
          created_by?: string | null
          deleted_at?: string | null
          email?: string | null
          email_opt_out?: boolean
          first_name?: string
          id?: string
          job_title?: string | null
          last_name?: string | null
          merged_at?: string | null
          merged_into_id?: string | null
          notes?: string | null
          owner_id?: string | null
          phone?: string | null
          phone_key?: never
          sms_opt_out?: boolean
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "contacts_merged_into_id_fkey"
            columns: ["merged_into_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
        ]
      }
      contracts: {
        Row: {
          account_id: string
          body_html: string
          body_sha256: string | null
          consent_text: string | null
          contact_id: string | null
          contract_number: string
          created_at: string
          created_by: string | null
          event_id: string | null
          expires_at: string | null
          id: string
          opportunity_id: string | null
          quote_id: string | null
          sent_at: string | null
          signature: string | null
          signed_at: string | null
          signed_ip: string | null
          signed_pdf_id: string | null
          signed_user_agent: string | null
          signer_email: string | null
          signer_name: string | null
          status: string
          template_id: string | null
          tenant_id: string
          title: string
          token_hash: string | null
          updated_at: string
          updated_by: string | null
          version: number
          viewed_at: string | null
        }
        Insert: {
          account_id: string
          body_html: string
          body_sha256?: string | null
          consent_text?: string | null
          contact_id?: string | null
          contract_number?: string
          created_at?: string
          created_by?: string | null
          event_id?: string | null
          expires_at?: string | null
          id?: string
          opportunity_id?: string | null
          quote_id?: string | null
          sent_at?: string | null
          signature?: string | null
          signed_at?: string | null
          signed_ip?: string | null
          signed_pdf_id?: string | null
          signed_user_agent?: string | null
          signer_email?: string | null
          signer_name?: string | null
          status?: string
          template_id?: string | null
          tenant_id?: string
          title: string
          token_hash?: string | null
          updated_at?: string
          updated_by?: string | null
          version?: number
          viewed_at?: string | null
        }
        Update: {
          account_id?: string
          body_html?: string
          body_sha256?: string | null
          consent_text?: string | null
          contact_id?: string | null
          contract_number?: string
          created_at?: string
          created_by?: string | null
          event_id?: string | null
          expires_at?: string | null
          id?: string
          opportunity_id?: string | null
          quote_id?: string | null
          sent_at?: string | null
          signature?: string | null
          signed_at?: string | null
          signed_ip?: string | null
          signed_pdf_id?: string | null
          signed_user_agent?: string | null
          signer_email?: string | null
          signer_name?: string | null
          status?: string
          template_id?: string | null
          tenant_id?: string
          title?: string
          token_hash?: string | null
          updated_at?: string
          updated_by?: string | null
          version?: number
          viewed_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "contracts_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_quote_id_fkey"
            columns: ["quote_id"]
            isOneToOne: false
            referencedRelation: "quotes"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_signed_pdf_id_fkey"
            columns: ["signed_pdf_id"]
            isOneToOne: false
            referencedRelation: "attachments"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "contracts_template_id_fkey"
            columns: ["template_id"]
            isOneToOne: false
            referencedRelation: "templates"
            referencedColumns: ["id"]
          },
        ]
      }
      core_task_templates: {
        Row: {
          auto_rule: string | null
          created_at: string
          created_by: string | null
          days_before: number | null
          display_order: number
          event_type_id: string | null
          id: string
          is_active: boolean
          name: string
          required: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          auto_rule?: string | null
          created_at?: string
          created_by?: string | null
          days_before?: number | null
          display_order?: number
          event_type_id?: string | null
          id?: string
          is_active?: boolean
          name: string
          required?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          auto_rule?: string | null
          created_at?: string
          created_by?: string | null
          days_before?: number | null
          display_order?: number
          event_type_id?: string | null
          id?: string
          is_active?: boolean
          name?: string
          required?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "core_task_templates_event_type_id_fkey"
            columns: ["event_type_id"]
            isOneToOne: false
            referencedRelation: "event_types"
            referencedColumns: ["id"]
          },
        ]
      }
      design_item_types: {
        Row: {
          created_at: string
          created_by: string | null
          display_order: number
          due_date_days: number
          id: string
          is_active: boolean
          is_auto_added: boolean
          missed_deadline_days: number
          name: string
          requires_approval: boolean
          tenant_id: string
          type: string
          updated_at: string
          updated_by: string | null
          urgent_threshold_days: number
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          display_order?: number
          due_date_days: number
          id?: string
          is_active?: boolean
          is_auto_added?: boolean
          missed_deadline_days: number
          name: string
          requires_approval?: boolean
          tenant_id?: string
          type: string
          updated_at?: string
          updated_by?: string | null
          urgent_threshold_days: number
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          display_order?: number
          due_date_days?: number
          id?: string
          is_active?: boolean
          is_auto_added?: boolean
          missed_deadline_days?: number
          name?: string
          requires_approval?: boolean
          tenant_id?: string
          type?: string
          updated_at?: string
          updated_by?: string | null
          urgent_threshold_days?: number
          version?: number
        }
        Relationships: []
      }
      design_statuses: {
        Row: {
          color: string | null
          created_at: string
          created_by: string | null
          display_order: number
          id: string
          is_completed: boolean
          is_default: boolean
          name: string
          slug: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          id?: string
          is_completed?: boolean
          is_default?: boolean
          name: string
          slug: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          id?: string
          is_completed?: boolean
          is_default?: boolean
          name?: string
          slug?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      equipment_assignments: {
        Row: {
          booth_assignment_id: string | null
          cancelled_at: string | null
          checked_in_at: string | null
          checked_in_by: string | null
          checked_out_at: string | null
          checked_out_by: string | null
          condition: string | null
          created_at: string
          created_by: string | null
          equipment_item_id: string
          event_date_id: string
          event_id: string | null
          hold_expires_at: string | null
          id: string
          notes: string | null
          overbooked: boolean
          per: string
          quantity: number
          serialized: boolean
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          booth_assignment_id?: string | null
          cancelled_at?: string | null
          checked_in_at?: string | null
          checked_in_by?: string | null
          checked_out_at?: string | null
          checked_out_by?: string | null
          condition?: string | null
          created_at?: string
          created_by?: string | null
          equipment_item_id: string
          event_date_id: string
          event_id?: string | null
          hold_expires_at?: string | null
          id?: string
          notes?: string | null
          overbooked?: boolean
          per: string
          quantity?: number
          serialized?: boolean
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          booth_assignment_id?: string | null
          cancelled_at?: string | null
          checked_in_at?: string | null
          checked_in_by?: string | null
          checked_out_at?: string | null
          checked_out_by?: string | null
          condition?: string | null
          created_at?: string
          created_by?: string | null
          equipment_item_id?: string
          event_date_id?: string
          event_id?: string | null
          hold_expires_at?: string | null
          id?: string
          notes?: string | null
          overbooked?: boolean
          per?: string
          quantity?: number
          serialized?: boolean
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "equipment_assignments_booth_assignment_id_fkey"
            columns: ["booth_assignment_id"]
            isOneToOne: false
            referencedRelation: "booth_assignments"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "equipment_assignments_equipment_item_id_fkey"
            columns: ["equipment_item_id"]
            isOneToOne: false
            referencedRelation: "equipment_items"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "equipment_assignments_event_date_id_fkey"
            columns: ["event_date_id"]
            isOneToOne: false
            referencedRelation: "event_dates"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "equipment_assignments_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
        ]
      }
      equipment_items: {
        Row: {
          asset_tag: string
          booth_id: string | null
          condition: string
          created_at: string
          created_by: string | null
          equipment_type_id: string
          id: string
          location_id: string | null
          model: string | null
          name: string
          next_service_due: string | null
          notes: string | null
          purchase_date: string | null
          purchase_price: number | null
          quantity: number
          serial_number: string | null
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          asset_tag: string
          booth_id?: string | null
          condition?: string
          created_at?: string
          created_by?: string | null
          equipment_type_id: string
          id?: string
          location_id?: string | null
          model?: string | null
          name: string
          next_service_due?: string | null
          notes?: string | null
          purchase_date?: string | null
          purchase_price?: number | null
          quantity?: number
          serial_number?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          asset_tag?: string
          booth_id?: string | null
          condition?: string
          created_at?: string
          created_by?: string | null
          equipment_type_id?: string
          id?: string
          location_id?: string | null
          model?: string | null
          name?: string
          next_service_due?: string | null
          notes?: string | null
          purchase_date?: string | null
          purchase_price?: number | null
          quantity?: number
          serial_number?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "equipment_items_booth_id_fkey"
            columns: ["booth_id"]
            isOneToOne: false
            referencedRelation: "booths"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "equipment_items_equipment_type_id_fkey"
            columns: ["equipment_type_id"]
            isOneToOne: false
            referencedRelation: "equipment_types"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "equipment_items_location_id_fkey"
            columns: ["location_id"]
            isOneToOne: false
            referencedRelation: "locations"
            referencedColumns: ["id"]
          },
        ]
      }
      equipment_types: {
        Row: {
          buffer_after_minutes: number
          buffer_before_minutes: number
          category: string | null
          created_at: string
          created_by: string | null
          id: string
          is_active: boolean
          name: string
          tenant_id: string
          tracking: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          buffer_after_minutes?: number
          buffer_before_minutes?: number
          category?: string | null
          created_at?: string
          created_by?: string | null
          id?: string
          is_active?: boolean
          name: string
          tenant_id?: string
          tracking?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          buffer_after_minutes?: number
          buffer_before_minutes?: number
          category?: string | null
          created_at?: string
          created_by?: string | null
          id?: string
          is_active?: boolean
          name?: string
          tenant_id?: string
          tracking?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      event_categories: {
        Row: {
          color: string | null
          created_at: string
          created_by: string | null
          display_order: number
          icon: string | null
          id: string
          is_active: boolean
          is_system: boolean
          name: string
          slug: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          icon?: string | null
          id?: string
          is_active?: boolean
          is_system?: boolean
          name: string
          slug: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          icon?: string | null
          id?: string
          is_active?: boolean
          is_system?: boolean
          name?: string
          slug?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      event_core_task_completion: {
        Row: {
          completed_at: string | null
          completed_by: string | null
          core_task_template_id: string | null
          created_at: string
          created_by: string | null
          display_order: number
          due_date: string | null
          event_id: string
          id: string
          is_completed: boolean
          name_snapshot: string
          notes: string | null
          required: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          completed_at?: string | null
          completed_by?: string | null
          core_task_template_id?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          due_date?: string | null
          event_id: string
          id?: string
          is_completed?: boolean
          name_snapshot: string
          notes?: string | null
          required?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          completed_at?: string | null
          completed_by?: string | null
          core_task_template_id?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          due_date?: string | null
          event_id?: string
          id?: string
          is_completed?: boolean
          name_snapshot?: string
          notes?: string | null
          required?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_core_task_completion_core_task_template_id_fkey"
            columns: ["core_task_template_id"]
            isOneToOne: false
            referencedRelation: "core_task_templates"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_core_task_completion_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
        ]
      }
      event_custom_items: {
        Row: {
          cost: number | null
          created_at: string
          created_by: string | null
          due_date: string | null
          event_id: string
          id: string
          item_type: string
          name: string
          notes: string | null
          order_date: string | null
          order_number: string | null
          paid: boolean
          status: string
          tenant_id: string
          tracking_number: string | null
          updated_at: string
          updated_by: string | null
          vendor_email: string | null
          vendor_name: string | null
          vendor_phone: string | null
          version: number
        }
        Insert: {
          cost?: number | null
          created_at?: string
          created_by?: string | null
          due_date?: string | null
          event_id: string
          id?: string
          item_type?: string
          name: string
          notes?: string | null
          order_date?: string | null
          order_number?: string | null
          paid?: boolean
          status?: string
          tenant_id?: string
          tracking_number?: string | null
          updated_at?: string
          updated_by?: string | null
          vendor_email?: string | null
          vendor_name?: string | null
          vendor_phone?: string | null
          version?: number
        }
        Update: {
          cost?: number | null
          created_at?: string
          created_by?: string | null
          due_date?: string | null
          event_id?: string
          id?: string
          item_type?: string
          name?: string
          notes?: string | null
          order_date?: string | null
          order_number?: string | null
          paid?: boolean
          status?: string
          tenant_id?: string
          tracking_number?: string | null
          updated_at?: string
          updated_by?: string | null
          vendor_email?: string | null
          vendor_name?: string | null
          vendor_phone?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_custom_items_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
        ]
      }
      event_dates: {
        Row: {
          cancelled_at: string | null
          created_at: string
          created_by: string | null
          end_time: string
          event_date: string
          event_id: string | null
          id: string
          location_id: string | null
          notes: string | null
          occupied: string
          opportunity_id: string | null
          setup_time: string | null
          start_time: string
          status: string
          teardown_minutes: number
          tenant_id: string
          timezone: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          end_time: string
          event_date: string
          event_id?: string | null
          id?: string
          location_id?: string | null
          notes?: string | null
          occupied: string
          opportunity_id?: string | null
          setup_time?: string | null
          start_time: string
          status?: string
          teardown_minutes?: number
          tenant_id?: string
          timezone?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          end_time?: string
          event_date?: string
          event_id?: string | null
          id?: string
          location_id?: string | null
          notes?: string | null
          occupied?: string
          opportunity_id?: string | null
          setup_time?: string | null
          start_time?: string
          status?: string
          teardown_minutes?: number
          tenant_id?: string
          timezone?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_dates_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_dates_location_id_fkey"
            columns: ["location_id"]
            isOneToOne: false
            referencedRelation: "locations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_dates_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
        ]
      }
      event_design_items: {
        Row: {
          approved_at: string | null
          approved_by_name: string | null
          client_notes: string | null
          created_at: string
          created_by: string | null
          dates_by_hand: boolean
          design_item_type_id: string
          design_status_id: string | null
          designer_id: string | null
          due_date: string | null
          event_id: string
          id: string
          internal_notes: string | null
          missed_date: string | null
          name: string
          product_id: string | null
          proof_token_hash: string | null
          quantity: number
          revision_count: number
          task_id: string | null
          tenant_id: string
          updated_at: string
          updated_by: string | null
          urgent_date: string | null
          version: number
        }
        Insert: {
          approved_at?: string | null
          approved_by_name?: string | null
          client_notes?: string | null
          created_at?: string
          created_by?: string | null
          dates_by_hand?: boolean
          design_item_type_id: string
          design_status_id?: string | null
          designer_id?: string | null
          due_date?: string | null
          event_id: string
          id?: string
          internal_notes?: string | null
          missed_date?: string | null
          name: string
          product_id?: string | null
          proof_token_hash?: string | null
          quantity?: number
          revision_count?: number
          task_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          urgent_date?: string | null
          version?: number
        }
        Update: {
          approved_at?: string | null
          approved_by_name?: string | null
          client_notes?: string | null
          created_at?: string
          created_by?: string | null
          dates_by_hand?: boolean
          design_item_type_id?: string
          design_status_id?: string | null
          designer_id?: string | null
          due_date?: string | null
          event_id?: string
          id?: string
          internal_notes?: string | null
          missed_date?: string | null
          name?: string
          product_id?: string | null
          proof_token_hash?: string | null
          quantity?: number
          revision_count?: number
          task_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          urgent_date?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_design_items_design_item_type_id_fkey"
            columns: ["design_item_type_id"]
            isOneToOne: false
            referencedRelation: "design_item_types"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_design_items_design_status_id_fkey"
            columns: ["design_status_id"]
            isOneToOne: false
            referencedRelation: "design_statuses"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_design_items_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_design_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_design_items_task_id_fkey"
            columns: ["task_id"]
            isOneToOne: false
            referencedRelation: "tasks"
            referencedColumns: ["id"]
          },
        ]
      }
      event_staff_assignments: {
        Row: {
          arrival_time: string | null
          cancelled_at: string | null
          created_at: string
          created_by: string | null
          end_time: string | null
          event_date_id: string | null
          event_id: string
          hours_actual: number | null
          id: string
          miles: number | null
          notes: string | null
          overbooked: boolean
          pay_type: string
          per: string | null
          rate_snapshot: number | null
          staff_role_id: string
          start_time: string | null
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          user_id: string
          version: number
        }
        Insert: {
          arrival_time?: string | null
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          end_time?: string | null
          event_date_id?: string | null
          event_id: string
          hours_actual?: number | null
          id?: string
          miles?: number | null
          notes?: string | null
          overbooked?: boolean
          pay_type?: string
          per?: string | null
          rate_snapshot?: number | null
          staff_role_id: string
          start_time?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id: string
          version?: number
        }
        Update: {
          arrival_time?: string | null
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          end_time?: string | null
          event_date_id?: string | null
          event_id?: string
          hours_actual?: number | null
          id?: string
          miles?: number | null
          notes?: string | null
          overbooked?: boolean
          pay_type?: string
          per?: string | null
          rate_snapshot?: number | null
          staff_role_id?: string
          start_time?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_staff_assignments_event_date_id_fkey"
            columns: ["event_date_id"]
            isOneToOne: false
            referencedRelation: "event_dates"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_staff_assignments_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "event_staff_assignments_staff_role_id_fkey"
            columns: ["staff_role_id"]
            isOneToOne: false
            referencedRelation: "staff_roles"
            referencedColumns: ["id"]
          },
        ]
      }
      event_types: {
        Row: {
          category_id: string
          created_at: string
          created_by: string | null
          default_duration_minutes: number | null
          display_order: number
          id: string
          is_active: boolean
          name: string
          slug: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          category_id: string
          created_at?: string
          created_by?: string | null
          default_duration_minutes?: number | null
          display_order?: number
          id?: string
          is_active?: boolean
          name: string
          slug: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          category_id?: string
          created_at?: string
          created_by?: string | null
          default_duration_minutes?: number | null
          display_order?: number
          id?: string
          is_active?: boolean
          name?: string
          slug?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_types_category_id_fkey"
            columns: ["category_id"]
            isOneToOne: false
            referencedRelation: "event_categories"
            referencedColumns: ["id"]
          },
        ]
      }
      events: {
        Row: {
          account_id: string
          briefed_at: string | null
          cancel_reason: string | null
          cancelled_at: string | null
          created_at: string
          created_by: string | null
          deleted_at: string | null
          dress_code: string | null
          end_date: string | null
          event_category_id: string | null
          event_number: string
          event_type_id: string | null
          guest_count: number | null
          id: string
          load_in_notes: string | null
          location_id: string | null
          message: string | null
          notes: string | null
          onsite_contact_email: string | null
          onsite_contact_name: string | null
          onsite_contact_phone: string | null
          opportunity_id: string | null
          owner_id: string | null
          payment_status_id: string | null
          planner_contact_id: string | null
          portal_token_hash: string | null
          postponed_at: string | null
          primary_contact_id: string | null
          start_date: string | null
          status: string
          tenant_id: string
          title: string
          updated_at: string
          updated_by: string | null
          version: number
          priority: string | null
        }
        ComputedFields: "priority"
        Insert: {
          account_id: string
          briefed_at?: string | null
          cancel_reason?: string | null
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          deleted_at?: string | null
          dress_code?: string | null
          end_date?: string | null
          event_category_id?: string | null
          event_number?: string
          event_type_id?: string | null
          guest_count?: number | null
          id?: string
          load_in_notes?: string | null
          location_id?: string | null
          message?: string | null
          notes?: string | null
          onsite_contact_email?: string | null
          onsite_contact_name?: string | null
          onsite_contact_phone?: string | null
          opportunity_id?: string | null
          owner_id?: string | null
          payment_status_id?: string | null
          planner_contact_id?: string | null
          portal_token_hash?: string | null
          postponed_at?: string | null
          primary_contact_id?: string | null
          start_date?: string | null
          status?: string
          tenant_id?: string
          title: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          account_id?: string
          briefed_at?: string | null
          cancel_reason?: string | null
          cancelled_at?: string | null
          created_at?: string
          created_by?: string | null
          deleted_at?: string | null
          dress_code?: string | null
          end_date?: string | null
          event_category_id?: string | null
          event_number?: string
          event_type_id?: string | null
          guest_count?: number | null
          id?: string
          load_in_notes?: string | null
          location_id?: string | null
          message?: string | null
          notes?: string | null
          onsite_contact_email?: string | null
          onsite_contact_name?: string | null
          onsite_contact_phone?: string | null
          opportunity_id?: string | null
          owner_id?: string | null
          payment_status_id?: string | null
          planner_contact_id?: string | null
          portal_token_hash?: string | null
          postponed_at?: string | null
          primary_contact_id?: string | null
          start_date?: string | null
          status?: string
          tenant_id?: string
          title?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "events_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_event_category_id_fkey"
            columns: ["event_category_id"]
            isOneToOne: false
            referencedRelation: "event_categories"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_event_type_id_fkey"
            columns: ["event_type_id"]
            isOneToOne: false
            referencedRelation: "event_types"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_location_id_fkey"
            columns: ["location_id"]
            isOneToOne: false
            referencedRelation: "locations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: true
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_payment_status_id_fkey"
            columns: ["payment_status_id"]
            isOneToOne: false
            referencedRelation: "payment_status_options"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_planner_contact_id_fkey"
            columns: ["planner_contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "events_primary_contact_id_fkey"
            columns: ["primary_contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
        ]
      }
      invoice_line_items: {
        Row: {
          add_on_id: string | null
          created_at: string
          created_by: string | null
          description: string | null
          discount_type: string
          discount_value: number
          gross_total: number
          id: string
          includes: Json
          invoice_id: string
          item_type: string
          line_total: number
          name: string
          package_id: string | null
          product_id: string | null
          quantity: number
          sort_order: number
          source_line_id: string | null
          tax_rate: number
          taxable: boolean
          tenant_id: string
          unit: string
          unit_price: number
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          add_on_id?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          invoice_id: string
          item_type: string
          line_total?: number
          name: string
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          add_on_id?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          invoice_id?: string
          item_type?: string
          line_total?: number
          name?: string
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price?: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "invoice_line_items_add_on_id_fkey"
            columns: ["add_on_id"]
            isOneToOne: false
            referencedRelation: "add_ons"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoice_line_items_invoice_id_fkey"
            columns: ["invoice_id"]
            isOneToOne: false
            referencedRelation: "invoices"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoice_line_items_package_id_fkey"
            columns: ["package_id"]
            isOneToOne: false
            referencedRelation: "packages"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoice_line_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      invoices: {
        Row: {
          account_id: string
          balance: number | null
          bill_to: Json | null
          contact_id: string | null
          created_at: string
          created_by: string | null
          credited: number
          currency: string
          discount: number
          discount_type: string
          discount_value: number
          due_date: string | null
          event_id: string | null
          id: string
          invoice_number: string | null
          invoice_type: string
          issue_date: string
          next_due_amount: number
          next_due_date: string | null
          notes: string | null
          opportunity_id: string | null
          paid: number
          payment_schedule: Json
          prices_include_tax: boolean
          purchase_order: string | null
          quote_id: string | null
          rounding: string
          sent_at: string | null
          status: string
          subtotal: number
          tax: number
          tax_place: string | null
          taxes: Json
          tenant_id: string
          terms: string | null
          token_hash: string | null
          total: number
          updated_at: string
          updated_by: string | null
          version: number
          viewed_at: string | null
          voided_at: string | null
          overdue: boolean | null
          overdue_amount: number | null
        }
        ComputedFields: "overdue" | "overdue_amount"
        Insert: {
          account_id: string
          balance?: never
          bill_to?: Json | null
          contact_id?: string | null
          created_at?: string
          created_by?: string | null
          credited?: number
          currency?: string
          discount?: number
          discount_type?: string
          discount_value?: number
          due_date?: string | null
          event_id?: string | null
          id?: string
          invoice_number?: string | null
          invoice_type?: string
          issue_date?: string
          next_due_amount?: number
          next_due_date?: string | null
          notes?: string | null
          opportunity_id?: string | null
          paid?: number
          payment_schedule?: Json
          prices_include_tax?: boolean
          purchase_order?: string | null
          quote_id?: string | null
          rounding?: string
          sent_at?: string | null
          status?: string
          subtotal?: number
          tax?: number
          tax_place?: string | null
          taxes?: Json
          tenant_id?: string
          terms?: string | null
          token_hash?: string | null
          total?: number
          updated_at?: string
          updated_by?: string | null
          version?: number
          viewed_at?: string | null
          voided_at?: string | null
        }
        Update: {
          account_id?: string
          balance?: never
          bill_to?: Json | null
          contact_id?: string | null
          created_at?: string
          created_by?: string | null
          credited?: number
          currency?: string
          discount?: number
          discount_type?: string
          discount_value?: number
          due_date?: string | null
          event_id?: string | null
          id?: string
          invoice_number?: string | null
          invoice_type?: string
          issue_date?: string
          next_due_amount?: number
          next_due_date?: string | null
          notes?: string | null
          opportunity_id?: string | null
          paid?: number
          payment_schedule?: Json
          prices_include_tax?: boolean
          purchase_order?: string | null
          quote_id?: string | null
          rounding?: string
          sent_at?: string | null
          status?: string
          subtotal?: number
          tax?: number
          tax_place?: string | null
          taxes?: Json
          tenant_id?: string
          terms?: string | null
          token_hash?: string | null
          total?: number
          updated_at?: string
          updated_by?: string | null
          version?: number
          viewed_at?: string | null
          voided_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "invoices_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoices_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoices_event_id_fkey"
            columns: ["event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoices_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "invoices_quote_id_fkey"
            columns: ["quote_id"]
            isOneToOne: false
            referencedRelation: "quotes"
            referencedColumns: ["id"]
          },
        ]
      }
      leads: {
        Row: {
          budget: number | null
          company: string | null
          consent_text: string | null
          consented_at: string | null
          converted_account_id: string | null
          converted_at: string | null
          converted_contact_id: string | null
          converted_opportunity_id: string | null
          created_at: string
          created_by: string | null
          email: string | null
          end_time: string | null
          event_date: string | null
          event_place: string | null
          event_type_id: string | null
          first_name: string
          guest_count: number | null
          id: string
          last_name: string | null
          lead_type: string
          lost_reason: string | null
          message: string | null
          owner_id: string | null
          phone: string | null
          phone_key: string | null
          source: string | null
          start_time: string | null
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          budget?: number | null
          company?: string | null
          consent_text?: string | null
          consented_at?: string | null
          converted_account_id?: string | null
          converted_at?: string | null
          converted_contact_id?: string | null
          converted_opportunity_id?: string | null
          created_at?: string
          created_by?: string | null
          email?: string | null
          end_time?: string | null
          event_date?: string | null
          event_place?: string | null
          event_type_id?: string | null
          first_name: string
          guest_count?: number | null
          id?: string
          last_name?: string | null
          lead_type?: string
          lost_reason?: string | null
          message?: string | null
          owner_id?: string | null
          phone?: string | null
          phone_key?: never
          source?: string | null
          start_time?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          budget?: number | null
          company?: string | null
          consent_text?: string | null
          consented_at?: string | null
          converted_account_id?: string | null
          converted_at?: string | null
          converted_contact_id?: string | null
          converted_opportunity_id?: string | null
          created_at?: string
          created_by?: string | null
          email?: string | null
          end_time?: string | null
          event_date?: string | null
          event_place?: string | null
          event_type_id?: string | null
          first_name?: string
          guest_count?: number | null
          id?: string
          last_name?: string | null
          lead_type?: string
          lost_reason?: string | null
          message?: string | null
          owner_id?: string | null
          phone?: string | null
          phone_key?: never
          source?: string | null
          start_time?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "leads_converted_account_id_fkey"
            columns: ["converted_account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "leads_converted_contact_id_fkey"
            columns: ["converted_contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "leads_converted_opportunity_id_fkey"
            columns: ["converted_opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "leads_event_type_id_fkey"
            columns: ["event_type_id"]
            isOneToOne: false
            referencedRelation: "event_types"
            referencedColumns: ["id"]
          },
        ]
      }
      locations: {
        Row: {
          address: string | null
          city: string | null
          contact_email: string | null
          contact_name: string | null
          contact_phone: string | null
          country: string | null
          created_at: string
          created_by: string | null
          id: string
          is_one_time: boolean
          lat: number | null
          lng: number | null
          load_in_notes: string | null
          name: string
          postal_code: string | null
          state: string | null
          tenant_id: string
          timezone: string | null
          travel_minutes: number | null
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          address?: string | null
          city?: string | null
          contact_email?: string | null
          contact_name?: string | null
          contact_phone?: string | null
          country?: string | null
          created_at?: string
          created_by?: string | null
          id?: string
          is_one_time?: boolean
          lat?: number | null
          lng?: number | null
          load_in_notes?: string | null
          name: string
          postal_code?: string | null
          state?: string | null
          tenant_id?: string
          timezone?: string | null
          travel_minutes?: number | null
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          address?: string | null
          city?: string | null
          contact_email?: string | null
          contact_name?: string | null
          contact_phone?: string | null
          country?: string | null
          created_at?: string
          created_by?: string | null
          id?: string
          is_one_time?: boolean
          lat?: number | null
          lng?: number | null
          load_in_notes?: string | null
          name?: string
          postal_code?: string | null
          state?: string | null
          tenant_id?: string
          timezone?: string | null
          travel_minutes?: number | null
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      notes: {
        Row: {
          content: string
          created_at: string
          created_by: string | null
          entity_id: string
          entity_type: string
          id: string
          pinned: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
          visibility: string
        }
        Insert: {
          content: string
          created_at?: string
          created_by?: string | null
          entity_id: string
          entity_type: string
          id?: string
          pinned?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Update: {
          content?: string
          created_at?: string
          created_by?: string | null
          entity_id?: string
          entity_type?: string
          id?: string
          pinned?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          visibility?: string
        }
        Relationships: []
      }
      number_sequences: {
        Row: {
          created_at: string
          created_by: string | null
          id: string
          kind: string
          next_value: number
          padding: number
          prefix: string
          resets_yearly: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
          year: number | null
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          id?: string
          kind: string
          next_value?: number
          padding?: number
          prefix?: string
          resets_yearly?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          year?: number | null
        }
        Update: {
          created_at?: string
          created_by?: string | null
          id?: string
          kind?: string
          next_value?: number
          padding?: number
          prefix?: string
          resets_yearly?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
          year?: number | null
        }
        Relationships: []
      }
      opportunities: {
        Row: {
          account_id: string | null
          amount: number
          budget: number | null
          close_reason: string | null
          closed_at: string | null
          contact_id: string | null
          converted_event_id: string | null
          created_at: string
          created_by: string | null
          currency: string
          date_type: string
          event_type_id: string | null
          expected_close_date: string | null
          guest_count: number | null
          id: string
          lead_id: string | null
          message: string | null
          name: string
          notes: string | null
          owner_id: string | null
          probability: number
          source: string | null
          stage: string
          stage_changed_at: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
          is_stale: boolean | null
        }
        ComputedFields: "is_stale"
        Insert: {
          account_id?: string | null
          amount?: number
          budget?: number | null
          close_reason?: string | null
          closed_at?: string | null
          contact_id?: string | null
          converted_event_id?: string | null
          created_at?: string
          created_by?: string | null
          currency?: string
          date_type?: string
          event_type_id?: string | null
          expected_close_date?: string | null
          guest_count?: number | null
          id?: string
          lead_id?: string | null
          message?: string | null
          name: string
          notes?: string | null
          owner_id?: string | null
          probability?: number
          source?: string | null
          stage?: string
          stage_changed_at?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          account_id?: string | null
          amount?: number
          budget?: number | null
          close_reason?: string | null
          closed_at?: string | null
          contact_id?: string | null
          converted_event_id?: string | null
          created_at?: string
          created_by?: string | null
          currency?: string
          date_type?: string
          event_type_id?: string | null
          expected_close_date?: string | null
          guest_count?: number | null
          id?: string
          lead_id?: string | null
          message?: string | null
          name?: string
          notes?: string | null
          owner_id?: string | null
          probability?: number
          source?: string | null
          stage?: string
          stage_changed_at?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "opportunities_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunities_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunities_converted_event_id_fkey"
            columns: ["converted_event_id"]
            isOneToOne: true
            referencedRelation: "events"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunities_event_type_id_fkey"
            columns: ["event_type_id"]
            isOneToOne: false
            referencedRelation: "event_types"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunities_lead_id_fkey"
            columns: ["lead_id"]
            isOneToOne: false
            referencedRelation: "leads"
            referencedColumns: ["id"]
          },
        ]
      }
      opportunity_line_items: {
        Row: {
          add_on_id: string | null
          created_at: string
          created_by: string | null
          description: string | null
          discount_type: string
          discount_value: number
          gross_total: number
          id: string
          includes: Json
          item_type: string
          line_total: number
          name: string
          opportunity_id: string
          package_id: string | null
          product_id: string | null
          quantity: number
          sort_order: number
          source_line_id: string | null
          tax_rate: number
          taxable: boolean
          tenant_id: string
          unit: string
          unit_price: number
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          add_on_id?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          item_type: string
          line_total?: number
          name: string
          opportunity_id: string
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          add_on_id?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          item_type?: string
          line_total?: number
          name?: string
          opportunity_id?: string
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price?: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "opportunity_line_items_add_on_id_fkey"
            columns: ["add_on_id"]
            isOneToOne: false
            referencedRelation: "add_ons"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunity_line_items_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunity_line_items_package_id_fkey"
            columns: ["package_id"]
            isOneToOne: false
            referencedRelation: "packages"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "opportunity_line_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      packages: {
        Row: {
          base_price: number
          booth_type_id: string | null
          category: string | null
          created_at: string
          created_by: string | null
          description: string | null
          duration_hours: number | null
          extra_hour_price: number | null
          id: string
          includes: Json
          is_active: boolean
          name: string
          taxable: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          base_price: number
          booth_type_id?: string | null
          category?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          duration_hours?: number | null
          extra_hour_price?: number | null
          id?: string
          includes?: Json
          is_active?: boolean
          name: string
          taxable?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          base_price?: number
          booth_type_id?: string | null
          category?: string | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          duration_hours?: number | null
          extra_hour_price?: number | null
          id?: string
          includes?: Json
          is_active?: boolean
          name?: string
          taxable?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "packages_booth_type_id_fkey"
            columns: ["booth_type_id"]
            isOneToOne: false
            referencedRelation: "booth_types"
            referencedColumns: ["id"]
          },
        ]
      }
      payment_status_options: {
        Row: {
          color: string | null
          created_at: string
          created_by: string | null
          display_order: number
          id: string
          name: string
          rule: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          id?: string
          name: string
          rule?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          color?: string | null
          created_at?: string
          created_by?: string | null
          display_order?: number
          id?: string
          name?: string
          rule?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      payments: {
        Row: {
          amount: number
          created_at: string
          created_by: string | null
          currency: string
          failure_reason: string | null
          fee: number | null
          id: string
          idempotency_key: string | null
          invoice_id: string
          is_correction: boolean
          kind: string
          method: string
          note: string | null
          paid_at: string | null
          provider: string | null
          provider_id: string | null
          reference: string | null
          refund_of_id: string | null
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          amount: number
          created_at?: string
          created_by?: string | null
          currency: string
          failure_reason?: string | null
          fee?: number | null
          id?: string
          idempotency_key?: string | null
          invoice_id: string
          is_correction?: boolean
          kind?: string
          method?: string
          note?: string | null
          paid_at?: string | null
          provider?: string | null
          provider_id?: string | null
          reference?: string | null
          refund_of_id?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          amount?: number
          created_at?: string
          created_by?: string | null
          currency?: string
          failure_reason?: string | null
          fee?: number | null
          id?: string
          idempotency_key?: string | null
          invoice_id?: string
          is_correction?: boolean
          kind?: string
          method?: string
          note?: string | null
          paid_at?: string | null
          provider?: string | null
          provider_id?: string | null
          reference?: string | null
          refund_of_id?: string | null
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "payments_invoice_id_fkey"
            columns: ["invoice_id"]
            isOneToOne: false
            referencedRelation: "invoices"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "payments_refund_of_id_fkey"
            columns: ["refund_of_id"]
            isOneToOne: false
            referencedRelation: "payments"
            referencedColumns: ["id"]
          },
        ]
      }
      products: {
        Row: {
          cost: number | null
          created_at: string
          created_by: string | null
          description: string | null
          design_item_type_id: string | null
          id: string
          is_active: boolean
          lead_time_days: number | null
          name: string
          price: number | null
          requires_design: boolean
          sku: string | null
          taxable: boolean
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          cost?: number | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          design_item_type_id?: string | null
          id?: string
          is_active?: boolean
          lead_time_days?: number | null
          name: string
          price?: number | null
          requires_design?: boolean
          sku?: string | null
          taxable?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          cost?: number | null
          created_at?: string
          created_by?: string | null
          description?: string | null
          design_item_type_id?: string | null
          id?: string
          is_active?: boolean
          lead_time_days?: number | null
          name?: string
          price?: number | null
          requires_design?: boolean
          sku?: string | null
          taxable?: boolean
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "products_design_item_type_id_fkey"
            columns: ["design_item_type_id"]
            isOneToOne: false
            referencedRelation: "design_item_types"
            referencedColumns: ["id"]
          },
        ]
      }
      quote_line_items: {
        Row: {
          add_on_id: string | null
          chosen: boolean
          created_at: string
          created_by: string | null
          description: string | null
          discount_type: string
          discount_value: number
          gross_total: number
          id: string
          includes: Json
          item_type: string
          line_total: number
          name: string
          optional: boolean
          package_id: string | null
          product_id: string | null
          quantity: number
          quote_id: string
          sort_order: number
          source_line_id: string | null
          tax_rate: number
          taxable: boolean
          tenant_id: string
          unit: string
          unit_price: number
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          add_on_id?: string | null
          chosen?: boolean
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          item_type: string
          line_total?: number
          name: string
          optional?: boolean
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          quote_id: string
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          add_on_id?: string | null
          chosen?: boolean
          created_at?: string
          created_by?: string | null
          description?: string | null
          discount_type?: string
          discount_value?: number
          gross_total?: number
          id?: string
          includes?: Json
          item_type?: string
          line_total?: number
          name?: string
          optional?: boolean
          package_id?: string | null
          product_id?: string | null
          quantity?: number
          quote_id?: string
          sort_order?: number
          source_line_id?: string | null
          tax_rate?: number
          taxable?: boolean
          tenant_id?: string
          unit?: string
          unit_price?: number
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "quote_line_items_add_on_id_fkey"
            columns: ["add_on_id"]
            isOneToOne: false
            referencedRelation: "add_ons"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "quote_line_items_package_id_fkey"
            columns: ["package_id"]
            isOneToOne: false
            referencedRelation: "packages"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "quote_line_items_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "quote_line_items_quote_id_fkey"
            columns: ["quote_id"]
            isOneToOne: false
            referencedRelation: "quotes"
            referencedColumns: ["id"]
          },
        ]
      }
      quotes: {
        Row: {
          accepted_at: string | null
          accepted_by_name: string | null
          accepted_ip: string | null
          account_id: string | null
          contact_id: string | null
          content_sha256: string | null
          created_at: string
          created_by: string | null
          currency: string
          decline_reason: string | null
          declined_at: string | null
          deposit_type: string
          deposit_value: number
          discount: number
          discount_approved: number | null
          discount_approved_at: string | null
          discount_approved_by: string | null
          discount_type: string
          discount_value: number
          id: string
          issue_date: string
          notes: string | null
          opportunity_id: string
          payment_schedule: Json
          prices_include_tax: boolean
          quote_number: string
          revision: number
          rounding: string
          sent_at: string | null
          status: string
          subtotal: number
          tax: number
          taxes: Json
          tenant_id: string
          terms: string | null
          token_hash: string | null
          total: number
          updated_at: string
          updated_by: string | null
          valid_until: string | null
          version: number
          viewed_at: string | null
          discount_percent: number | null
          needs_resending: boolean | null
        }
        ComputedFields: "discount_percent" | "needs_resending"
        Insert: {
          accepted_at?: string | null
          accepted_by_name?: string | null
          accepted_ip?: string | null
          account_id?: string | null
          contact_id?: string | null
          content_sha256?: string | null
          created_at?: string
          created_by?: string | null
          currency?: string
          decline_reason?: string | null
          declined_at?: string | null
          deposit_type?: string
          deposit_value?: number
          discount?: number
          discount_approved?: number | null
          discount_approved_at?: string | null
          discount_approved_by?: string | null
          discount_type?: string
          discount_value?: number
          id?: string
          issue_date?: string
          notes?: string | null
          opportunity_id: string
          payment_schedule?: Json
          prices_include_tax?: boolean
          quote_number?: string
          revision?: number
          rounding?: string
          sent_at?: string | null
          status?: string
          subtotal?: number
          tax?: number
          taxes?: Json
          tenant_id?: string
          terms?: string | null
          token_hash?: string | null
          total?: number
          updated_at?: string
          updated_by?: string | null
          valid_until?: string | null
          version?: number
          viewed_at?: string | null
        }
        Update: {
          accepted_at?: string | null
          accepted_by_name?: string | null
          accepted_ip?: string | null
          account_id?: string | null
          contact_id?: string | null
          content_sha256?: string | null
          created_at?: string
          created_by?: string | null
          currency?: string
          decline_reason?: string | null
          declined_at?: string | null
          deposit_type?: string
          deposit_value?: number
          discount?: number
          discount_approved?: number | null
          discount_approved_at?: string | null
          discount_approved_by?: string | null
          discount_type?: string
          discount_value?: number
          id?: string
          issue_date?: string
          notes?: string | null
          opportunity_id?: string
          payment_schedule?: Json
          prices_include_tax?: boolean
          quote_number?: string
          revision?: number
          rounding?: string
          sent_at?: string | null
          status?: string
          subtotal?: number
          tax?: number
          taxes?: Json
          tenant_id?: string
          terms?: string | null
          token_hash?: string | null
          total?: number
          updated_at?: string
          updated_by?: string | null
          valid_until?: string | null
          version?: number
          viewed_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "quotes_account_id_fkey"
            columns: ["account_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "quotes_contact_id_fkey"
            columns: ["contact_id"]
            isOneToOne: false
            referencedRelation: "contacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "quotes_opportunity_id_fkey"
            columns: ["opportunity_id"]
            isOneToOne: false
            referencedRelation: "opportunities"
            referencedColumns: ["id"]
          },
        ]
      }
      sample_records: {
        Row: {
          content: Json
          created_at: string
          created_by: string | null
          entity: string
          id: string
          place: number
          record_id: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          content: Json
          created_at?: string
          created_by?: string | null
          entity: string
          id?: string
          place: number
          record_id: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          content?: Json
          created_at?: string
          created_by?: string | null
          entity?: string
          id?: string
          place?: number
          record_id?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      saved_views: {
        Row: {
          created_at: string
          created_by: string | null
          definition: Json
          entity: string
          id: string
          name: string
          owner_id: string | null
          tenant_id: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          definition?: Json
          entity: string
          id?: string
          name: string
          owner_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          definition?: Json
          entity?: string
          id?: string
          name?: string
          owner_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      staff_roles: {
        Row: {
          created_at: string
          created_by: string | null
          default_rate: number | null
          display_order: number
          id: string
          is_active: boolean
          name: string
          tenant_id: string
          type: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          default_rate?: number | null
          display_order?: number
          id?: string
          is_active?: boolean
          name: string
          tenant_id?: string
          type: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          default_rate?: number | null
          display_order?: number
          id?: string
          is_active?: boolean
          name?: string
          tenant_id?: string
          type?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      tasks: {
        Row: {
          assigned_to: string | null
          completed_at: string | null
          completed_by: string | null
          created_at: string
          created_by: string | null
          department: string | null
          description: string | null
          due_date: string | null
          entity_id: string | null
          entity_type: string | null
          event_date_id: string | null
          id: string
          priority: string
          status: string
          tenant_id: string
          title: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          assigned_to?: string | null
          completed_at?: string | null
          completed_by?: string | null
          created_at?: string
          created_by?: string | null
          department?: string | null
          description?: string | null
          due_date?: string | null
          entity_id?: string | null
          entity_type?: string | null
          event_date_id?: string | null
          id?: string
          priority?: string
          status?: string
          tenant_id?: string
          title: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          assigned_to?: string | null
          completed_at?: string | null
          completed_by?: string | null
          created_at?: string
          created_by?: string | null
          department?: string | null
          description?: string | null
          due_date?: string | null
          entity_id?: string | null
          entity_type?: string | null
          event_date_id?: string | null
          id?: string
          priority?: string
          status?: string
          tenant_id?: string
          title?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "tasks_event_date_id_fkey"
            columns: ["event_date_id"]
            isOneToOne: false
            referencedRelation: "event_dates"
            referencedColumns: ["id"]
          },
        ]
      }
      templates: {
        Row: {
          content: string
          created_at: string
          created_by: string | null
          id: string
          is_active: boolean
          is_default: boolean
          name: string
          subject: string | null
          tenant_id: string
          type: string
          updated_at: string
          updated_by: string | null
          version: number
        }
        Insert: {
          content: string
          created_at?: string
          created_by?: string | null
          id?: string
          is_active?: boolean
          is_default?: boolean
          name: string
          subject?: string | null
          tenant_id?: string
          type: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Update: {
          content?: string
          created_at?: string
          created_by?: string | null
          id?: string
          is_active?: boolean
          is_default?: boolean
          name?: string
          subject?: string | null
          tenant_id?: string
          type?: string
          updated_at?: string
          updated_by?: string | null
          version?: number
        }
        Relationships: []
      }
      tenant_settings: {
        Row: {
          created_at: string
          created_by: string | null
          id: string
          key: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          value: Json
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          id?: string
          key: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          value: Json
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          id?: string
          key?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          value?: Json
          version?: number
        }
        Relationships: []
      }
      user_integrations: {
        Row: {
          created_at: string
          created_by: string | null
          credentials: string | null
          external_account_id: string | null
          id: string
          key_id: string | null
          last_error: string | null
          last_sync_at: string | null
          provider: string
          scopes: string[]
          status: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          user_id: string | null
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          credentials?: string | null
          external_account_id?: string | null
          id?: string
          key_id?: string | null
          last_error?: string | null
          last_sync_at?: string | null
          provider: string
          scopes?: string[]
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id?: string | null
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          credentials?: string | null
          external_account_id?: string | null
          id?: string
          key_id?: string | null
          last_error?: string | null
          last_sync_at?: string | null
          provider?: string
          scopes?: string[]
          status?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id?: string | null
          version?: number
        }
        Relationships: []
      }
      user_pay_rate_history: {
        Row: {
          created_at: string
          created_by: string | null
          effective: string
          id: string
          pay_type: string
          rate: number
          staff_role_id: string | null
          tenant_id: string
          updated_at: string
          updated_by: string | null
          user_id: string
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          effective: string
          id?: string
          pay_type?: string
          rate: number
          staff_role_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id: string
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          effective?: string
          id?: string
          pay_type?: string
          rate?: number
          staff_role_id?: string | null
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "user_pay_rate_history_staff_role_id_fkey"
            columns: ["staff_role_id"]
            isOneToOne: false
            referencedRelation: "staff_roles"
            referencedColumns: ["id"]
          },
        ]
      }
      user_role_history: {
        Row: {
          created_at: string
          created_by: string | null
          effective: string
          id: string
          role: string
          tenant_id: string
          updated_at: string
          updated_by: string | null
          user_id: string
          version: number
        }
        Insert: {
          created_at?: string
          created_by?: string | null
          effective: string
          id?: string
          role: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id: string
          version?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          effective?: string
          id?: string
          role?: string
          tenant_id?: string
          updated_at?: string
          updated_by?: string | null
          user_id?: string
          version?: number
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      accept_quote: {
        Args: {
          quote_id: string
          accepted_by_name: string
          accepted_ip?: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      add_event: {
        Args: {
          event: Json
          first_date: Json
        }
        Returns: Database["public"]["Tables"]["events"]["Row"]
        SetofOptions: {
          from: "*"
          to: "events"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      add_opportunity: {
        Args: {
          opportunity: Json
          first_date?: Json
        }
        Returns: Database["public"]["Tables"]["opportunities"]["Row"]
        SetofOptions: {
          from: "*"
          to: "opportunities"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      add_rental_offer: {
        Args: {
          booth_type: Json
          booths: string[]
          packages: Json
        }
        Returns: string
      }
      add_up_reports: {
        Args: {
          least_rows?: number
        }
        Returns: number
      }
      answer_design: {
        Args: {
          design_id: string
          for_event: string
          client_name: string
          comment?: string
        }
        Returns: Database["public"]["Tables"]["event_design_items"]["Row"]
        SetofOptions: {
          from: "*"
          to: "event_design_items"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      approve_discount: {
        Args: {
          quote_id: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      archived_records: {
        Args: {
          of_kind?: string
          query?: string
          before?: string
          before_id?: string
          most?: number
        }
        Returns: {
          archived_at: string
          archived_by: string
          expires_at: string
          id: string
          kind: string
          parts: Json
          reason: string
          record_id: string
          title: string
        }[]
      }
      begin_bulk_change: {
        Args: {
          id: string
          kind: string
          ids: string[]
          set_column?: string
          set_value?: Json
        }
        Returns: Json
      }
      booking_counts: {
        Args: {
          from_day: string
          to_day: string
        }
        Returns: {
          bookings: number
          day: string
          holds: number
          kind: string
          overbooked: boolean
          thing_id: string
        }[]
      }
      bookings_out_of_service: {
        Args: {
          thing?: string
        }
        Returns: {
          assignment_id: string
          event_date: string
          event_date_id: string
          event_id: string
          kind: string
          name: string
          status: string
          thing_id: string
          title: string
        }[]
      }
      bulk_changes: {
        Args: never
        Returns: Json
      }
      cancel_bulk_change: {
        Args: {
          id: string
        }
        Returns: Json
      }
      cancel_event: {
        Args: {
          event_id: string
          reason?: string
          invoices?: Json
        }
        Returns: Database["public"]["Tables"]["events"]["Row"]
        SetofOptions: {
          from: "*"
          to: "events"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      changed_ids: {
        Args: {
          origin?: string
          seen?: string
          since?: string
          most?: number
        }
        Returns: Json
      }
      changed_rows: {
        Args: {
          origin?: string
          seen?: string
          upto?: string
          since?: string
          after_at?: string
          after_id?: string
          most?: number
        }
        Returns: Json
      }
      check_availability: {
        Args: {
          dates: Json
          package_id?: string
          booth_type_id?: string
          location_id?: string
          booths_needed?: number
          crew_needed?: number
          without_event?: string
        }
        Returns: Json
      }
      check_in_booth: {
        Args: {
          booth_assignment_id: string
          condition?: string
          missing?: Json
          damaged?: Json
        }
        Returns: Database["public"]["Tables"]["booth_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "booth_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      check_in_equipment: {
        Args: {
          equipment_assignment_id: string
          condition?: string
        }
        Returns: Database["public"]["Tables"]["equipment_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "equipment_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      check_out_booth: {
        Args: {
          booth_assignment_id: string
        }
        Returns: Database["public"]["Tables"]["booth_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "booth_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      check_out_equipment: {
        Args: {
          equipment_assignment_id: string
        }
        Returns: Database["public"]["Tables"]["equipment_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "equipment_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      choose_extras: {
        Args: {
          quote_id: string
          line_ids: string[]
          content_sha256: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      close_deal: {
        Args: {
          quote_id: string
          client: Json
          contract_id?: string
          crew?: Json
        }
        Returns: Json
      }
      continue_bulk_change: {
        Args: {
          id: string
          most?: number
        }
        Returns: Json
      }
      conversion_report: {
        Args: {
          from_day: string
          to_day: string
        }
        Returns: {
          converted: number
          days_to_win: number
          leads: number
          lost: number
          source: string
          won: number
          won_amounts: Json
        }[]
      }
      convert_lead: {
        Args: {
          lead_id: string
          opportunity_name?: string
        }
        Returns: Database["public"]["Tables"]["leads"]["Row"]
        SetofOptions: {
          from: "*"
          to: "leads"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      convert_opportunity: {
        Args: {
          opportunity_id: string
          event_title?: string
        }
        Returns: Database["public"]["Tables"]["events"]["Row"]
        SetofOptions: {
          from: "*"
          to: "events"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      correct_payment: {
        Args: {
          payment_id: string
          reason: string
          amount?: number
          method?: string
          paid_at?: string
          reference?: string
          note?: string
        }
        Returns: Database["public"]["Tables"]["payments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "payments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      credit_invoice: {
        Args: {
          invoice_id: string
          amount: number
          reason: string
        }
        Returns: Database["public"]["Tables"]["payments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "payments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      crew_candidates: {
        Args: {
          event_date_id: string
          staff_role_id?: string
          people?: Json
        }
        Returns: {
          assignment_id: string
          ends: string
          first_day: string
          last_day: string
          near: number
          rate: number
          role_id: string
          starts: string
          state: string
          status: string
          title: string
          user_id: string
        }[]
      }
      crew_pay_report: {
        Args: {
          from_day: string
          to_day: string
        }
        Returns: {
          flat_pay: number
          hourly_pay: number
          hours: number
          miles: number
          shifts: number
          total: number
          travel: number
          unreported: number
          user_id: string
        }[]
      }
      crew_shift_pay: {
        Args: {
          from_day: string
          to_day: string
          person?: string
        }
        Returns: {
          assignment_id: string
          event_date: string
          event_id: string
          hours: number
          hours_reported: boolean
          miles: number
          pay: number
          pay_type: string
          rate: number
          role_name: string
          status: string
          title: string
          travel: number
          user_id: string
        }[]
      }
      day_states: {
        Args: {
          days: string[]
        }
        Returns: {
          booths: number
          day: string
          free: number
          state: string
        }[]
      }
      deal_days: {
        Args: {
          opportunity_ids?: string[]
        }
        Returns: {
          booths: number
          event_date: string
          event_date_id: string
          free: number
          held_until: string
          opportunity_id: string
          state: string
        }[]
      }
      decline_offer: {
        Args: {
          quote_id: string
          reason?: string
        }
        Returns: undefined
      }
      delete_outbox_events: {
        Args: {
          ids: string[]
        }
        Returns: undefined
      }
      delete_pipeline_stage: {
        Args: {
          stage_key: string
          move_to: string
        }
        Returns: number
      }
      delete_records: {
        Args: {
          kind: string
          ids: string[]
        }
        Returns: Json
      }
      discount_percent: {
        Args: {
          quote: Database["public"]["Tables"]["quotes"]["Row"]
        }
        Returns: number
      }
      enter_time_off: {
        Args: {
          first_day: string
          last_day: string
          person?: string
          reason?: string
          note?: string
        }
        Returns: string
      }
      event_order: {
        Args: {
          for_event: string
        }
        Returns: {
          booth_type: string
          description: string
          id: string
          includes: Json
          item_type: string
          name: string
          quantity: number
          unit: string
        }[]
      }
      event_profit: {
        Args: {
          event_id: string
        }
        Returns: {
          currency: string
          custom_items: number
          fees: number
          labour: number
          margin_percent: number
          profit: number
          revenue: number
          travel: number
        }[]
      }
      event_readiness: {
        Args: {
          for_event?: string
          days?: number
          unready?: number
        }
        Returns: {
          briefed: boolean
          designed: boolean
          event_id: string
          next_fix: string
          packed: boolean
          paid: boolean
          score: number
          signed: boolean
          staffed: boolean
        }[]
      }
      expire_holds: {
        Args: never
        Returns: number
      }
      expire_quotes: {
        Args: never
        Returns: number
      }
      expired_files: {
        Args: {
          most?: number
        }
        Returns: string[]
      }
      extend_realtime_lease: {
        Args: {
          seconds: number
          name: string
        }
        Returns: undefined
      }
      external_rows: {
        Args: {
          system: string
          ids: string[]
        }
        Returns: {
          entity_id: string
          external_id: string
          version: number
        }[]
      }
      find_duplicates: {
        Args: {
          kind: string
          max_results?: number
        }
        Returns: {
          ids: string[]
          reason: string
          value: string
        }[]
      }
      fix_offer: {
        Args: {
          quote_id: string
          token_hash: string
          sender?: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      forget_notices: {
        Args: never
        Returns: undefined
      }
      found_accounts: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["accounts"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "accounts"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_contacts: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["contacts"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "contacts"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_equipment_items: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["equipment_items"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "equipment_items"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_events: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["events"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "events"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_invoices: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["invoices"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "invoices"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_leads: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["leads"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "leads"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_locations: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["locations"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "locations"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_opportunities: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["opportunities"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "opportunities"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_quotes: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      found_tasks: {
        Args: {
          words: string
        }
        Returns: Database["public"]["Tables"]["tasks"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "tasks"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      hold_booths: {
        Args: {
          opportunity_id: string
          booth_type_id?: string
          booth_id?: string
          expires_at?: string
        }
        Returns: Database["public"]["Tables"]["booth_assignments"]["Row"][]
        SetofOptions: {
          from: "*"
          to: "booth_assignments"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      import_events: {
        Args: {
          events: Json
          trial?: boolean
        }
        Returns: Json
      }
      inquiry_day: {
        Args: {
          day: string
        }
        Returns: string
      }
      inquiry_form: {
        Args: never
        Returns: Json
      }
      invoice_from_quote: {
        Args: {
          quote_id: string
        }
        Returns: Database["public"]["Tables"]["invoices"]["Row"]
        SetofOptions: {
          from: "*"
          to: "invoices"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      is_stale: {
        Args: {
          "": Database["public"]["Tables"]["opportunities"]["Row"]
        }
        Returns: boolean
      }
      link_invoice: {
        Args: {
          invoice_id: string
          token_hash: string
        }
        Returns: undefined
      }
      linked_invoice: {
        Args: {
          token_hash: string
          seen?: boolean
        }
        Returns: string
      }
      load_sample_data: {
        Args: {
          records: Json
        }
        Returns: number
      }
      make_checklist: {
        Args: {
          event_id: string
        }
        Returns: number
      }
      mark_briefed: {
        Args: {
          event_id: string
        }
        Returns: Database["public"]["Tables"]["events"]["Row"]
        SetofOptions: {
          from: "*"
          to: "events"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      matching_records: {
        Args: {
          kind: string
          by: string
          keys: string[]
        }
        Returns: {
          email: string
          id: string
          key: string
          name: string
        }[]
      }
      may_attach: {
        Args: {
          entity_type: string
          entity_id: string
        }
        Returns: undefined
      }
      merge_records: {
        Args: {
          kind: string
          survivor: string
          duplicates: string[]
          chosen?: Json
          preview?: boolean
        }
        Returns: Json
      }
      named: {
        Args: {
          kind: string
          names: string[]
        }
        Returns: {
          id: string
          name: string
        }[]
      }
      needs_resending: {
        Args: {
          "": Database["public"]["Tables"]["quotes"]["Row"]
        }
        Returns: boolean
      }
      note_client_view: {
        Args: {
          quote_id?: string
          contract_id?: string
        }
        Returns: undefined
      }
      note_opened: {
        Args: {
          communication_id: string
        }
        Returns: undefined
      }
      notice_mailed: {
        Args: {
          id: string
          sent?: boolean
        }
        Returns: undefined
      }
      notices: {
        Args: {
          most?: number
        }
        Returns: {
          created_at: string
          entity_id: string
          entity_type: string
          id: string
          kind: string
          read_at: string
          subject: Json
        }[]
      }
      notices_to_mail: {
        Args: never
        Returns: {
          entity_id: string
          entity_type: string
          id: string
          kind: string
          subject: Json
          user_id: string
        }[]
      }
      notices_wait: {
        Args: never
        Returns: boolean
      }
      notices_without_mail: {
        Args: {
          kinds?: string[]
        }
        Returns: string[]
      }
      open_shifts: {
        Args: {
          from_day: string
          to_day: string
        }
        Returns: {
          asked: number
          end_time: string
          event_date: string
          event_date_id: string
          event_id: string
          needed: number
          place: string
          setup_time: string
          start_time: string
          title: string
        }[]
      }
      outbox_events: {
        Args: {
          most: number
        }
        Returns: {
          id: string
          occurred_at: string
          rows: Json
          type: string
        }[]
      }
      overbookings: {
        Args: {
          from_day?: string
          to_day?: string
        }
        Returns: {
          assignment_id: string
          event_date_id: string
          event_id: string
          kind: string
          name: string
          per: string
          thing_id: string
          title: string
        }[]
      }
      overdue: {
        Args: {
          "": Database["public"]["Tables"]["invoices"]["Row"]
        }
        Returns: boolean
      }
      overdue_amount: {
        Args: {
          "": Database["public"]["Tables"]["invoices"]["Row"]
        }
        Returns: number
      }
      payment_taxes: {
        Args: {
          payment_id: string
        }
        Returns: {
          name: string
          net: number
          rate: number
          tax: number
        }[]
      }
      phone_keys: {
        Args: {
          phones: string[]
        }
        Returns: string[]
      }
      pipeline_board: {
        Args: {
          owner?: string
          month?: string
          source?: string
          sort?: string
          in_stage?: string
          skip?: number
          most?: number
        }
        Returns: Json
      }
      pipeline_report: {
        Args: never
        Returns: {
          amount: number
          currency: string
          deals: number
          stage: string
        }[]
      }
      preview_move: {
        Args: {
          event_date_id: string
          event_date: string
          start_time: string
          end_time: string
          setup_time?: string
        }
        Returns: Json
      }
      priority: {
        Args: {
          "": Database["public"]["Tables"]["events"]["Row"]
        }
        Returns: string
      }
      profit_by_event: {
        Args: {
          from_day: string
          to_day: string
          sorted?: string
          most?: number
          skip?: number
        }
        Returns: {
          currency: string
          custom_items: number
          event_id: string
          fees: number
          labour: number
          margin_percent: number
          of_all: number
          profit: number
          revenue: number
          start_date: string
          title: string
          travel: number
        }[]
      }
      profit_report: {
        Args: {
          from_day: string
          to_day: string
          step?: string
        }
        Returns: {
          bucket: string
          currency: string
          custom_items: number
          events: number
          fees: number
          labour: number
          profit: number
          revenue: number
          travel: number
        }[]
      }
      purge_archive: {
        Args: never
        Returns: number
      }
      read_notices: {
        Args: {
          ids?: string[]
        }
        Returns: undefined
      }
      realtime_tables: {
        Args: never
        Returns: Json
      }
      receivables_report: {
        Args: {
          as_of: string
        }
        Returns: {
          account_id: string
          currency: string
          days_30: number
          days_60: number
          days_90: number
          invoices: number
          name: string
          not_due: number
          older: number
          oldest_due: string
          total: number
        }[]
      }
      receive_inquiry: {
        Args: {
          inquiry: Json
        }
        Returns: Json
      }
      record_history: {
        Args: {
          kind: string
          record_id: string
          before?: string
          before_id?: string
          most?: number
        }
        Returns: {
          action: string
          changed_at: string
          changed_by: string
          changed_through: string
          columns: Json
          entity: string
          entity_id: string
          id: string
          names: Json
          subject: Json
        }[]
      }
      record_roles: {
        Args: {
          people: Json
        }
        Returns: undefined
      }
      recorded_people: {
        Args: never
        Returns: {
          role: string
          user_id: string
        }[]
      }
      remove_imported: {
        Args: {
          kind: string
          ids: string[]
        }
        Returns: Json
      }
      remove_sample_data: {
        Args: never
        Returns: Json
      }
      remove_time_off: {
        Args: {
          time_off_id: string
        }
        Returns: undefined
      }
      reschedule_event: {
        Args: {
          event_id: string
          event_date: string
          start_time?: string
          end_time?: string
          reserve?: boolean
        }
        Returns: Json
      }
      restore_archived: {
        Args: {
          ids: string[]
        }
        Returns: Json
      }
      revenue_report: {
        Args: {
          from_day: string
          to_day: string
          step?: string
        }
        Returns: {
          bucket: string
          currency: string
          invoiced: number
          invoices: number
          received: number
          revenue: number
        }[]
      }
      revise_quote: {
        Args: {
          quote_id: string
        }
        Returns: Database["public"]["Tables"]["quotes"]["Row"]
        SetofOptions: {
          from: "*"
          to: "quotes"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      sales_tax_report: {
        Args: {
          from_day: string
          to_day: string
          basis?: string
          step?: string
        }
        Returns: {
          bucket: string
          currency: string
          invoices: number
          net: number
          place: string
          rate: number
          tax: number
          tax_name: string
        }[]
      }
      save_external_row: {
        Args: {
          system: string
          entity_id: string
          external_id: string
          version: number
        }
        Returns: undefined
      }
      search_records: {
        Args: {
          query: string
          kinds?: string[]
          max_results?: number
        }
        Returns: {
          id: string
          kind: string
          score: number
          subtitle: string
          title: string
        }[]
      }
      setup_progress: {
        Args: never
        Returns: Json
      }
      sign_contract: {
        Args: {
          contract_id: string
          signer_name: string
          signature: string
          consent_text: string
          signer_email?: string
          signed_ip?: string
          signed_user_agent?: string
        }
        Returns: Database["public"]["Tables"]["contracts"]["Row"]
        SetofOptions: {
          from: "*"
          to: "contracts"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      storage_by_tenant: {
        Args: never
        Returns: Json
      }
      time_off: {
        Args: {
          from_day: string
          to_day: string
          person?: string
        }
        Returns: {
          first_day: string
          id: string
          last_day: string
          note: string
          reason: string
          user_id: string
        }[]
      }
      today_numbers: {
        Args: never
        Returns: Json
      }
      undo_bulk_change: {
        Args: {
          id: string
        }
        Returns: Json
      }
      undo_check_out_booth: {
        Args: {
          booth_assignment_id: string
        }
        Returns: Database["public"]["Tables"]["booth_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "booth_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      undo_check_out_equipment: {
        Args: {
          equipment_assignment_id: string
        }
        Returns: Database["public"]["Tables"]["equipment_assignments"]["Row"]
        SetofOptions: {
          from: "*"
          to: "equipment_assignments"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      undo_imported_changes: {
        Args: {
          import_id: string
          most?: number
        }
        Returns: Json
      }
      update_imported: {
        Args: {
          import_id: string
          kind: string
          changes: Json
        }
        Returns: Json
      }
      utilisation_report: {
        Args: {
          from_day: string
          to_day: string
          people?: Json
        }
        Returns: {
          available: number
          booked: number
          kind: string
          name: string
          thing_id: string
          type_name: string
        }[]
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type DefaultSchema = Database["public"]

/** A row as it is read. */
export type Tables<Name extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])> =
  (DefaultSchema["Tables"] & DefaultSchema["Views"])[Name] extends { Row: infer Row } ? Row : never

/** A row as it is inserted. */
export type TablesInsert<Name extends keyof DefaultSchema["Tables"]> = DefaultSchema["Tables"][Name]["Insert"]

/** Columns as they are changed. */
export type TablesUpdate<Name extends keyof DefaultSchema["Tables"]> = DefaultSchema["Tables"][Name]["Update"]

export type Enums<Name extends keyof DefaultSchema["Enums"]> = DefaultSchema["Enums"][Name]

export type CompositeTypes<Name extends keyof DefaultSchema["CompositeTypes"]> = DefaultSchema["CompositeTypes"][Name]

export const Constants = {
  public: {
    Enums: {},
  },
} as const
