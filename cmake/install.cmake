# What `cmake --install` lays down, and how others find it: headers, both
# libraries, the program, pkg-config and CMake packages, manual pages, shell
# completion, the file(1) magic and the MIME type.
set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/sheaf)

install(TARGETS sheaf sheaf-static EXPORT sheafTargets)
install(FILES ${SHEAF_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sheaf)
install(EXPORT sheafTargets NAMESPACE sheaf:: DESTINATION ${cmakedir})
configure_package_config_file(
  cmake/sheafConfig.cmake.in ${PROJECT_BINARY_DIR}/sheafConfig.cmake
  INSTALL_DESTINATION ${cmakedir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/sheafConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sheafConfig.cmake
              ${PROJECT_BINARY_DIR}/sheafConfigVersion.cmake
        DESTINATION ${cmakedir})

# ${prefix} in front of relative folders; absolute ones stay as they are
foreach(dir LIBDIR INCLUDEDIR)
  cmake_path(APPEND PC_${dir} "\${prefix}" ${CMAKE_INSTALL_${dir}})
endforeach()
configure_file(cmake/sheaf.pc.in ${PROJECT_BINARY_DIR}/sheaf.pc.configured
               @ONLY)
# the prefix is known only now when `cmake --install --prefix` gives another
install(CODE "
  file(READ \"${PROJECT_BINARY_DIR}/sheaf.pc.configured\" pc)
  string(REPLACE \"%PREFIX%\" \"\${CMAKE_INSTALL_PREFIX}\" pc \"\${pc}\")
  file(WRITE \"${PROJECT_BINARY_DIR}/sheaf.pc\" \"\${pc}\")")
install(FILES ${PROJECT_BINARY_DIR}/sheaf.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET sheaf-program)
  install(TARGETS sheaf-program)
endif()
file(GLOB manpages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/man/*.1)
install(FILES ${manpages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# each is installed once it exists: source, folder under share, name there
set(shared_files
  "tools/completion/sheaf.bash|bash-completion/completions|sheaf"
  "formats/sheaf/sheaf.magic|file/magic|sheaf"
  "formats/sheaf/sheaf.xml|mime/packages|sheaf.xml")
foreach(entry IN LISTS shared_files)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 source)
  list(GET entry 1 folder)
  list(GET entry 2 name)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${source})
    install(FILES ${source} RENAME ${name}
            DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
  endif()
endforeach()
