/* libcuda for triton: a function is its name, and a launch of it is counted by libstub. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define DOES_NOTHING(name)                                                                         \
    int name(void) { return 0; }
DOES_NOTHING(cuCtxSetCurrent)
DOES_NOTHING(cuCtxSetLimit)
DOES_NOTHING(cuFuncSetAttribute)
DOES_NOTHING(cuFuncSetCacheConfig)
DOES_NOTHING(cuInit)
DOES_NOTHING(cuLinkAddData_v2)
DOES_NOTHING(cuLinkComplete)
DOES_NOTHING(cuLinkCreate_v2)
DOES_NOTHING(cuModuleUnload)
DOES_NOTHING(cuTensorMapEncodeIm2col)
DOES_NOTHING(cuTensorMapEncodeTiled)

static char something[4096]; /* what every context and module is */

static int given(void **handle) {
    *handle = something;
    return 0;
}

int cuGetErrorString(int error, const char **text) {
    *text = "error of the stand-in";
    return 0;
}

/* The device: what the runtime says of it, whose attributes have the same numbers. */

int cuDeviceGet(int *device, int index) {
    *device = index;
    return 0;
}

int cuDeviceGetCount(int *count) {
    int (*runtime)(int *) = dlsym(RTLD_DEFAULT, "cudaGetDeviceCount");
    return runtime(count);
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    int (*runtime)(int *, int, int) = dlsym(RTLD_DEFAULT, "cudaDeviceGetAttribute");
    return runtime(value, attribute, device);
}

int cuDriverGetVersion(int *version) {
    int (*runtime)(int *) = dlsym(RTLD_DEFAULT, "cudaDriverGetVersion");
    return runtime(version);
}

int cuDevicePrimaryCtxRetain(void **context, int device) { return given(context); }

int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) {
    *flags = 0;
    *active = 1;
    return 0;
}

int cuCtxGetCurrent(void **context) { return given(context); }

int cuCtxGetDevice(int *device) {
    *device = 0;
    return 0;
}

int cuCtxGetLimit(size_t *value, int limit) {
    *value = 1024;
    return 0;
}

int cuPointerGetAttribute(unsigned long long *value, int attribute, unsigned long long pointer) {
    *value = pointer;
    return 0;
}

int cuPointerGetAttributes(unsigned count, int *attributes, void **values,
                           unsigned long long pointer) {
    for (unsigned i = 0; i < count; i++)
        memset(values[i], 0, sizeof(int));
    return 0;
}

/* Modules and functions. */

int cuModuleLoad(void **module, const char *file) { return given(module); }

int cuModuleLoadData(void **module, const void *image) { return given(module); }

int cuModuleLoadDataEx(void **module, const void *image, unsigned count, void *options,
                       void *values) {
    return given(module);
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
    *function = strdup(name);
    return 0;
}

int cuFuncGetAttribute(int *value, int attribute, void *function) {
    enum { MAX_THREADS_PER_BLOCK = 0, REGISTERS = 4 };
    *value = attribute == MAX_THREADS_PER_BLOCK ? 1024 : attribute == REGISTERS ? 32 : 0;
    return 0;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *function, int threads,
                                                size_t shared) {
    *blocks = 2;
    return 0;
}

int cuOccupancyMaxActiveClusters(int *clusters, void *function, void *launch) {
    *clusters = 132;
    return 0;
}

/* Launches. */

static int launched(const char *name) {
    int (*counted)(const char *) = dlsym(RTLD_DEFAULT, "stub_launched");
    char kernel[300];
    snprintf(kernel, sizeof kernel, "kernel triton %s", name);
    return counted(kernel);
}

int cuLaunchKernel(void *function) { return launched(function); }

int cuLaunchCooperativeKernel(void *function) { return launched(function); }

int cuLaunchKernelEx(const void *launch, void *function) { return launched(function); }
