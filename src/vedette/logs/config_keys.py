"""Which keys `loki-config.yml` may have: those of Loki 3, and those of older releases with what to write instead."""

from __future__ import annotations

# Keys by block; a block that is not listed here is taken as it is. Dots lead into blocks, `[]` into lists.
KNOWN: dict[str, frozenset[str]] = {
    path: frozenset(keys.split())
    for path, keys in {
        "": """
            target auth_enabled ballast_bytes http_prefix shutdown_delay metrics_namespace legacy_read_mode server distributor
            querier query_range ruler ruler_storage ingester_client ingester ingester_rf1 ingester_rf1_client block_builder
            block_scheduler pattern_ingester index_gateway bloom_build bloom_compactor bloom_gateway storage_config
            chunk_store_config schema_config compactor compactor_client compactor_grpc_client limits_config frontend_worker
            frontend query_scheduler runtime_config operational_config tracing analytics profiling common memberlist
            kafka_config dataobj dataobj_explorer ingest_limits ingest_limits_client ingest_limits_frontend
            ingest_limits_frontend_client query_engine metastore_client metastore ui internal_server
            """,
        "server": """
            http_listen_network http_listen_address http_listen_port http_listen_conn_limit grpc_listen_network
            grpc_listen_address grpc_listen_port grpc_listen_conn_limit proxy_protocol_enabled tls_cipher_suites
            tls_min_version http_tls_config grpc_tls_config register_instrumentation
            report_grpc_codes_in_instrumentation_label_enabled graceful_shutdown_timeout http_server_read_timeout
            http_server_read_header_timeout http_server_write_timeout http_server_idle_timeout
            http_log_closed_connections_without_response_enabled grpc_server_max_recv_msg_size
            grpc_server_max_send_msg_size grpc_server_max_concurrent_streams grpc_server_max_connection_idle
            grpc_server_max_connection_age grpc_server_max_connection_age_grace grpc_server_keepalive_time
            grpc_server_keepalive_timeout grpc_server_min_time_between_pings grpc_server_ping_without_stream_allowed
            grpc_server_num_workers grpc_server_stats_tracking_enabled grpc_server_recv_buffer_pools_enabled log_format
            log_level log_source_ips_enabled log_source_ips_full log_source_ips_header log_source_ips_regex
            log_request_headers log_request_at_info_level_enabled log_request_exclude_headers_list http_path_prefix
            cluster_validation throughput_latency_cutoff
            """,
        "common": """
            path_prefix storage persist_tokens replication_factor ring instance_interface_names instance_addr
            instance_enable_ipv6 compactor_address compactor_grpc_address
            """,
        "common.storage": "s3 gcs azure bos swift filesystem hedging cos alibabacloud congestion_control object_store",
        "common.storage.filesystem": "chunks_directory rules_directory",
        "ingester": """
            lifecycler concurrent_flushes flush_check_period flush_op_backoff flush_op_timeout chunk_retain_period
            chunk_idle_period chunk_block_size chunk_target_size chunk_encoding max_chunk_age autoforget_unhealthy
            max_returned_stream_errors query_store_max_look_back_period wal index_shards max_dropped_streams
            shutdown_marker_path owned_streams_check_interval kafka_ingestion sync_period sync_min_utilization
            max_transfer_retries
            """,
        "ingester.wal": """
            enabled dir checkpoint_duration flush_on_shutdown replay_memory_ceiling disk_full_threshold
            """,
        "schema_config": "configs",
        "schema_config.configs[]": "from store object_store schema index chunks row_shards",
        "schema_config.configs[].index": "path_prefix prefix period tags",
        "schema_config.configs[].chunks": "prefix period tags",
        "compactor": """
            working_directory compaction_interval apply_retention_interval retention_enabled retention_delete_delay
            retention_delete_worker_count retention_table_timeout retention_backoff_config delete_request_store
            delete_request_store_key_prefix delete_request_store_db_type backup_delete_request_store_db_type
            delete_batch_size delete_request_cancel_period delete_max_interval max_compaction_parallelism
            upload_parallelism compactor_ring tables_to_compact skip_latest_n_tables horizontal_scaling_mode worker_config
            jobs_config
            """,
        "limits_config": """
            ingestion_rate_strategy ingestion_rate_mb ingestion_burst_size_mb max_label_name_length max_label_value_length
            max_label_names_per_series reject_old_samples reject_old_samples_max_age creation_grace_period max_line_size
            max_line_size_truncate max_line_size_truncate_identifier increment_duplicate_timestamp simulated_push_latency
            use_owned_stream_count max_streams_per_user max_global_streams_per_user unordered_writes per_stream_rate_limit
            per_stream_rate_limit_burst max_chunks_per_query max_query_series max_query_lookback max_query_length
            max_query_range max_query_parallelism tsdb_max_query_parallelism tsdb_max_bytes_per_shard
            tsdb_sharding_strategy tsdb_precompute_chunks cardinality_limit max_streams_matchers_per_query
            max_concurrent_tail_requests max_entries_limit_per_query max_cache_freshness_per_query
            max_stats_cache_freshness max_metadata_cache_freshness max_queriers_per_tenant max_query_capacity
            query_ready_index_num_days query_timeout split_queries_by_interval
            split_metadata_queries_by_interval split_recent_metadata_queries_by_interval
            recent_metadata_query_window split_instant_metric_queries_by_interval
            split_ingester_queries_by_interval min_sharding_lookback max_query_bytes_read max_querier_bytes_read
            volume_enabled volume_max_series ruler_evaluation_delay_duration ruler_max_rules_per_rule_group
            ruler_max_rule_groups_per_tenant ruler_alertmanager_config ruler_tenant_shard_size
            ruler_remote_write_disabled ruler_remote_write_url ruler_remote_write_timeout
            ruler_remote_write_headers ruler_remote_write_relabel_configs ruler_remote_write_queue_capacity
            ruler_remote_write_queue_min_shards ruler_remote_write_queue_max_shards
            ruler_remote_write_queue_max_samples_per_send ruler_remote_write_queue_batch_send_deadline
            ruler_remote_write_queue_min_backoff ruler_remote_write_queue_max_backoff
            ruler_remote_write_queue_retry_on_ratelimit ruler_remote_write_sigv4_config ruler_remote_write_config
            ruler_remote_evaluation_timeout ruler_remote_evaluation_max_response_size ruler_enable_wal_replay
            deletion_mode retention_period retention_stream per_tenant_override_config per_tenant_override_period
            allow_structured_metadata max_structured_metadata_size max_structured_metadata_entries_count otlp_config
            discover_service_name discover_generic_fields discover_log_levels log_level_fields
            log_level_from_json_max_depth metric_aggregation_enabled pattern_persistence_enabled
            metric_aggregation_chunk_downsampling shard_streams blocked_queries required_labels
            required_number_labels index_gateway_shard_size bloom_gateway_enable_filtering bloom_creation_enabled
            bloom_build_max_builders bloom_build_task_timeout bloom_split_series_keyspace_by
            bloom_build_max_block_size bloom_build_max_bloom_size bloom_block_encoding bloom_planning_strategy
            bloom_task_target_series_chunk_size bloom_prefetch_blocks bloom_max_block_size bloom_max_bloom_size
            block_ingestion_until block_ingestion_status_code block_ingestion_policy_until enforced_labels
            policy_enforced_labels policy_stream_mapping s3_sse_type s3_sse_kms_key_id
            s3_sse_kms_encryption_context shard_aggregations enable_multi_variant_queries
            ingestion_partitions_tenant_shard_size pattern_ingester_tokenizable_json_fields
            pattern_ingester_tokenizable_json_fields_default pattern_ingester_tokenizable_json_fields_append
            pattern_ingester_tokenizable_json_fields_delete debug_engine_tasks debug_engine_streams
            enable_scalable_dedup require_hash_on_tenant pattern_rate_threshold
            """,
        "chunk_store_config": """
            chunk_cache_config chunk_cache_config_l2 write_dedupe_cache_config l2_chunk_cache_handoff cache_lookups_older_than
            """,
    }.items()
}

# Keys that some older release took, with what to write instead. They are warnings.
FORMER: dict[str, tuple[str, str]] = {
    "limits_config.enforce_metric_name": ("was removed in Loki 3.0 and has no effect", "remove it"),
    "limits_config.max_cache_freshness": ("was replaced", "limits_config.max_cache_freshness_per_query"),
    "limits_config.ruler_evaluation_delay": ("was replaced", "limits_config.ruler_evaluation_delay_duration"),
    "storage_config.boltdb_shipper": (
        "was removed in Loki 3.8",
        "remove it; `common.path_prefix` says where everything is kept (or use storage_config.tsdb_shipper)",
    ),
    "storage_config.boltdb": (
        "was removed in Loki 3.8",
        "storage_config.tsdb_shipper, or only `common.path_prefix`",
    ),
    "storage_config.tsdb_shipper.shared_store": ("was removed in Loki 3.0", "remove it"),
    "storage_config.boltdb_shipper.shared_store": ("was removed in Loki 3.0", "remove it"),
    "compactor.shared_store": ("was removed in Loki 3.0", "compactor.delete_request_store"),
    "compactor.shared_store_key_prefix": (
        "was removed in Loki 3.0",
        "compactor.delete_request_store_key_prefix",
    ),
    "compactor.deletion_mode": ("was moved", "limits_config.deletion_mode"),
    "chunk_store_config.max_look_back_period": (
        "was removed in Loki 3.0",
        "limits_config.max_query_lookback",
    ),
    "table_manager": (
        "was removed in Loki 3.8",
        "compactor: {retention_enabled: true, delete_request_store: filesystem} and limits_config.retention_period",
    ),
    "querier.query_timeout": ("was moved", "limits_config.query_timeout"),
    "querier.engine.timeout": ("was moved", "limits_config.query_timeout"),
    "query_range.split_queries_by_interval": ("was moved", "limits_config.split_queries_by_interval"),
    "ingester.max_transfer_retries": (
        "was removed in Loki 3.0",
        "remove it; the write-ahead log keeps lines instead",
    ),
}
# Keys that no release ever took where people write them, with where they belong. They are errors.
MISPLACED: dict[str, str] = {
    "ingester.max_streams_per_user": "limits_config.max_streams_per_user",
    "ingester.max_global_streams_per_user": "limits_config.max_global_streams_per_user",
    "ingester.retention_period": "limits_config.retention_period",
    "compactor.retention_period": "limits_config.retention_period",
    "limits_config.retention_enabled": "compactor.retention_enabled",
    "limits_config.chunk_idle_period": "ingester.chunk_idle_period",
    "limits_config.max_chunk_age": "ingester.max_chunk_age",
    "server.log_format_json": 'server.log_format: "json"',
}

# The original itself passes over unknown keys here, so they are no errors.
FORGIVING = frozenset(("limits_config",))
