/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All classes of the model. */
#ifndef MODEL_CLASSES_H
#define MODEL_CLASSES_H

#include "runtime.h"

extern const model_class *const model_classes[];
extern const size_t model_class_count;

extern const model_class model_ns_object, model_ns_array, model_ns_dictionary, model_ns_data, model_ns_file_handle,
    model_ns_error, model_ns_string, model_ns_url, model_vz_balloon_member, model_vz_virtio_balloon_member,
    model_vz_boot_loader, model_vz_linux_boot_loader, model_vz_efi_variables, model_vz_efi_boot_loader,
    model_vz_configuration, model_vz_entropy, model_vz_virtio_entropy, model_vz_balloon_device, model_vz_virtio_balloon,
    model_vz_socket_device, model_vz_virtio_socket, model_vz_connection, model_vz_listener, model_vz_machine_members,
    model_vz_network, model_vz_mac_address, model_vz_network_attachment, model_vz_nat, model_vz_interface,
    model_vz_bridged, model_vz_frames, model_vz_network_device, model_vz_virtio_network, model_vz_machine_identifier,
    model_vz_platform, model_vz_generic_platform, model_vz_directory_share, model_vz_rosetta, model_vz_rosetta_caching,
    model_vz_rosetta_unix, model_vz_rosetta_abstract, model_vz_serial_attachment, model_vz_file_handles,
    model_vz_serial_port, model_vz_virtio_serial, model_vz_console_port, model_vz_virtio_console_port,
    model_vz_console_ports, model_vz_console, model_vz_virtio_console, model_vz_shared_directory, model_vz_single_share,
    model_vz_multiple_share, model_vz_sharing_device, model_vz_file_system, model_vz_socket_member,
    model_vz_virtio_socket_member, model_vz_storage_attachment, model_vz_disk_image, model_vz_storage_device,
    model_vz_block_device;

#endif
