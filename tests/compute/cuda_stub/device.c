/* The card that is played, its streams and events; an H100 unless the environment says otherwise.
 */
#include "stub.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef cudaGetDeviceProperties /* the header gives the name to a later version */

#define GIB (1ull << 30)

static int devices = 1, major = 9, minor = 0;
static __thread int device;

__attribute__((constructor)) static void read_environment(void) {
    const char *capability = getenv("STUB_CAPABILITY"), *count = getenv("STUB_DEVICES");
    if (capability)
        sscanf(capability, "%d.%d", &major, &minor);
    if (count)
        devices = atoi(count);
}

cudaError_t cudaGetDeviceCount(int *count) {
    *count = devices;
    return cudaSuccess;
}

cudaError_t cudaGetDevice(int *index) {
    *index = device;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int index) {
    device = index;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *card, int index) {
    memset(card, 0, sizeof *card);
    strcpy(card->name, "stand-in for an H100");
    card->major = major;
    card->minor = minor;
    card->multiProcessorCount = 132;
    card->totalGlobalMem = 80 * GIB;
    card->warpSize = 32;
    card->maxThreadsPerBlock = 1024;
    card->maxThreadsPerMultiProcessor = 2048;
    card->sharedMemPerBlock = 49152;
    card->sharedMemPerBlockOptin = 232448;
    card->sharedMemPerMultiprocessor = 233472;
    card->regsPerBlock = card->regsPerMultiprocessor = 65536;
    card->l2CacheSize = 50 << 20;
    card->maxGridSize[0] = 2147483647;
    card->maxGridSize[1] = card->maxGridSize[2] = 65535;
    card->maxThreadsDim[0] = card->maxThreadsDim[1] = 1024;
    card->maxThreadsDim[2] = 64;
    card->maxBlocksPerMultiProcessor = 32;
    card->textureAlignment = 512;
    return cudaSuccess;
}

static int attribute(enum cudaDeviceAttr wanted) {
    switch (wanted) {
    case cudaDevAttrMultiProcessorCount:
        return 132;
    case cudaDevAttrMaxSharedMemoryPerBlock:
        return 49152;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        return 232448;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        return 233472;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
        return 65536;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
        return 2048;
    case cudaDevAttrMaxGridDimX:
        return 2147483647;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ:
        return 65535;
    case cudaDevAttrMaxThreadsPerBlock:
        return 1024;
    case cudaDevAttrWarpSize:
        return 32;
    case cudaDevAttrComputeCapabilityMajor:
        return major;
    case cudaDevAttrComputeCapabilityMinor:
        return minor;
    default:
        return 1;
    }
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr wanted, int index) {
    *value = attribute(wanted);
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version) {
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest) {
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}

cudaError_t cudaDeviceCanAccessPeer(int *can, int index, int peer) {
    *can = 0;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *id, int length, int index) {
    snprintf(id, length, "0000:00:%02d.0", index);
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *unused, size_t *total) {
    stub_note("cudaMemGetInfo");
    *unused = 40 * GIB;
    *total = 80 * GIB;
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void) { return stub_unsafe("cudaDeviceSynchronize"); }

/* Streams and events are numbers: whatever is asked of them has happened already. */

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int priority) {
    static size_t created;
    *stream = (cudaStream_t)(0x1000 + 16 * __atomic_add_fetch(&created, 1, __ATOMIC_RELAXED));
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream) {
    return cudaStreamCreateWithPriority(stream, 0, 0);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags) {
    return cudaStreamCreateWithPriority(stream, flags, 0);
}

cudaError_t cudaStreamGetPriority(cudaStream_t stream, int *priority) {
    *priority = 0;
    return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) { return cudaSuccess; }

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    if (stub_records(stream))
        return stub_broken("cudaStreamSynchronize of the recorded stream");
    stub_note("cudaStreamSynchronize");
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
    stub_note("cudaStreamWaitEvent");
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags) {
    static size_t created;
    *event = (cudaEvent_t)(0x900000 + 16 * __atomic_add_fetch(&created, 1, __ATOMIC_RELAXED));
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event) { return cudaEventCreateWithFlags(event, 0); }

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
    stub_note("cudaEventRecord");
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    return cudaEventRecordWithFlags(event, stream, 0);
}

cudaError_t cudaEventQuery(cudaEvent_t event) { return stub_unsafe("cudaEventQuery"); }

cudaError_t cudaEventSynchronize(cudaEvent_t event) { return stub_unsafe("cudaEventSynchronize"); }

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end) {
    *milliseconds = 1;
    return cudaSuccess;
}

/* Errors. */

cudaError_t cudaGetLastError(void) { return cudaSuccess; }

cudaError_t cudaPeekAtLastError(void) { return cudaSuccess; }

const char *cudaGetErrorName(cudaError_t error) { return "error of the stand-in"; }

const char *cudaGetErrorString(cudaError_t error) {
    if (error == cudaErrorStreamCaptureUnsupported)
        return "operation not permitted when stream is capturing";
    if (error == cudaErrorStreamCaptureInvalidated)
        return "operation failed due to a previous error during capture";
    return "error of the stand-in";
}

/* Calls of the driver that torch looks up by name. */

static int does_nothing(void) { return 0; }

cudaError_t cudaGetDriverEntryPointByVersion(const char *name, void **function, unsigned version,
                                             unsigned long long flags,
                                             enum cudaDriverEntryPointQueryResult *found) {
    *function = (void *)does_nothing;
    if (found)
        *found = cudaDriverEntryPointSuccess;
    return cudaSuccess;
}
